//! Makes a cluster: what it is called everywhere, its links, its file of settings, its table of
//! routes.

use std::path::Path;

use super::engines::{self, host, named};
use super::links::Link;
use super::member::Member;
use super::{ADMIN, Cluster, PASSWORD};
use crate::process::Installation;

/// Names and roles of the processes behind the gateway.
const BEHIND: [(&str, &str); 8] = [
    ("api-1", "api"),
    ("api-2", "api"),
    ("relay", "relay"),
    ("consumers-1", "consumers"),
    ("consumers-2", "consumers"),
    ("jobs", "jobs"),
    ("hub-1", "hub"),
    ("hub-2", "hub"),
];

impl Cluster {
    /// Makes one in a folder, with an admin, and starts nothing.
    ///
    /// # Errors
    /// A sentence that says which engine is not there, or refuses.
    pub async fn make(folder: &Path) -> Result<Self, String> {
        platform::outbound::install_tls();
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let name = format!("c{}", hex::encode(platform::clock::random_bytes::<4>()));
        let server = named("POSTGRES")?;
        let links = links(&name)?;
        let cluster = Self {
            database: in_database(&server, &format!("kontor_{name}")),
            brokers: host(&named("KAFKA")?)?,
            topic_prefix: format!("{name}."),
            realm: named("OIDC")?,
            members: members(folder)?,
            links,
            folder: folder.to_path_buf(),
            name,
        };
        for link in &cluster.links {
            link.make().await?;
        }
        let program = Installation::binary("kontor")?;
        std::fs::copy(&program, folder.join("kontor")).map_err(|e| e.to_string())?;
        engines::on_server(&server, &format!("create database kontor_{}", cluster.name)).await?;
        let files = engines::make_bucket(&format!("kontor-{}", cluster.name), folder).await?;
        engines::push_policy(&named("OPA")?).await?;
        cluster.put("house.toml", &cluster.settings(&files)?)?;
        cluster.put("routes.toml", &cluster.routes())?;
        cluster.put("password", PASSWORD)?;
        cluster.run(&["migrate"])?;
        let password = folder.join("password").display().to_string();
        cluster.run(&["user", "add", ADMIN, "--role", "admin", "--password-file", &password])?;
        let text = serde_json::to_string_pretty(&cluster).map_err(|e| e.to_string())?;
        cluster.put("cluster.json", &text)?;
        Ok(cluster)
    }

    /// Takes away what it has at its engines, and its folder. It must be stopped.
    ///
    /// # Errors
    /// What an engine says.
    pub async fn wipe(&self) -> Result<(), String> {
        let drop = format!("drop database if exists kontor_{} with (force)", self.name);
        engines::on_server(&named("POSTGRES")?, &drop).await?;
        super::events::forget(&self.brokers, &self.topic_prefix).await?;
        std::fs::remove_dir_all(&self.folder).map_err(|e| e.to_string())
    }

    fn put(&self, name: &str, text: &str) -> Result<(), String> {
        std::fs::write(self.folder.join(name), text).map_err(|e| format!("{name}: {e}"))
    }

    fn link(&self, name: &str) -> Option<&Link> {
        self.links.iter().find(|l| l.name == name)
    }

    /// An address of the engine that a link leads to, as the house finds it.
    fn over(&self, name: &str, url: &str) -> String {
        let link = self.link(name);
        link.map_or_else(|| url.to_owned(), |l| url.replace(&l.upstream, &l.listen))
    }

    fn settings(&self, files: &str) -> Result<String, String> {
        let (name, at) = (&self.name, |file: &str| self.folder.join(file).display().to_string());
        let database = self.over("database", &self.database);
        let redis = self.over("redis", &named("REDIS")?);
        let registry = self.over("registry", &named("REGISTRY")?);
        let files = self.over("s3", files);
        let opa = self.over("opa", &named("OPA")?);
        // Brokers have an address of their own behind the link.
        let direct = || named("KAFKA");
        let kafka =
            self.link("kafka").map_or_else(direct, |l| Ok(format!("kafka://{}", l.listen)))?;
        Ok(format!(
            r#"# The settings of one cluster on this machine.
[server]
drain_seconds = 10
farewell_ms = 1000
[database]
url = "{database}"
[signals]
url = "{redis}/0"
prefix = "{name}:"
[bus]
url = "{kafka}"
registry_url = "{registry}"
topic_prefix = "{prefix}"
[blobs]
url = "{files}"
access_key_file = "{access}"
secret_key_file = "{secret}"
[log]
filter = "info,kontor::access=warn"
[gateway]
rate_per_minute = 10000000
[identity]
access_seconds = 86400
master_key_file = "{master}"
[[identity.issuers]]
name = "keycloak"
title = "Directory"
issuer = "{realm}"
client_id = "kontor-console"
audiences = ["kontor-api"]
roles = ["admin", "underwriter", "treasurer", "viewer"]
[policy]
url = "{opa}"
opa_required = true
[deals]
bank_delay_ms = 300
"#,
            prefix = self.topic_prefix,
            access = at("access-key"),
            secret = at("secret-key"),
            master = at("master.key"),
            realm = self.realm,
        ))
    }

    /// Live events are the hubs', everything else of the API is the others'.
    fn routes(&self) -> String {
        let of = |role: &str| {
            let those = self.members.iter().filter(|m| m.roles == role);
            those.map(|m| format!("\"{}\"", m.url())).collect::<Vec<_>>().join(", ")
        };
        let route = |path: &str, role: &str| {
            format!("[[route]]\npath = \"{path}\"\nupstream = [{}]\n", of(role))
        };
        format!("{}\n{}", route("/api/v1/offers/events", "hub"), route("/api", "api"))
    }
}

/// The same server, another database.
fn in_database(url: &str, name: &str) -> String {
    let (server, _) = url.rsplit_once('/').unwrap_or((url, ""));
    format!("{server}/{name}")
}

fn members(folder: &Path) -> Result<Vec<Member>, String> {
    let member = |(name, roles): (&str, &str), more: Option<String>| {
        let port = free_port()?;
        let cache = folder.join(format!("cache-{name}"));
        let mut sets = vec![
            format!("server.address=127.0.0.1:{port}"),
            format!("blobs.cache_folder={}", cache.display()),
        ];
        sets.extend(more);
        let (name, roles, folder) = (name.into(), roles.into(), folder.to_path_buf());
        Ok::<_, String>(Member { name, roles, port, sets, folder })
    };
    let mut all = BEHIND.into_iter().map(|m| member(m, None)).collect::<Result<Vec<_>, _>>()?;
    let routes = format!("gateway.routes_file={}", folder.join("routes.toml").display());
    all.push(member(("gateway", "gateway"), Some(routes))?);
    Ok(all)
}

/// A link to every engine that the house needs at work. Tokens of the directory name its
/// address, so it is reached directly.
fn links(cluster: &str) -> Result<Vec<Link>, String> {
    let toxiproxy = named("TOXIPROXY")?;
    let link = |name: &str, listen: String, upstream: String| Link {
        name: name.into(),
        proxy: format!("kontor-{cluster}-{name}"),
        listen,
        upstream,
        toxiproxy: toxiproxy.clone(),
    };
    let mut all = Vec::new();
    for (name, engine) in [
        ("database", "POSTGRES"),
        ("redis", "REDIS"),
        ("registry", "REGISTRY"),
        ("s3", "S3"),
        ("opa", "OPA"),
    ] {
        all.push(link(name, format!("127.0.0.1:{}", free_port()?), host(&named(engine)?)?));
    }
    if let Some((upstream, advertised)) = engines::kafka_by_link() {
        all.push(link("kafka", advertised, upstream));
    }
    Ok(all)
}

/// A port on this machine that nobody uses now.
fn free_port() -> Result<u16, String> {
    let bound = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
    bound.map(|a| a.port()).map_err(|e| format!("no free port: {e}"))
}
