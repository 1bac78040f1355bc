//! Keycloak with a realm for tests: a public client for the console, a confidential one for
//! services, a user for every role that the house has people for.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::place::Place;
use super::{install, java};
use crate::sh::{self, Result};

pub(super) const VERSION: &str = "26.4.7";
/// For tests on this machine only.
const PASSWORD: &str = "kontor-test-2026";
const USERS: [&str; 5] = ["admin", "underwriter", "treasurer", "creator", "viewer"];

pub(super) fn install() -> Result<PathBuf> {
    let folder =
        install::archive("keycloak", &format!("org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"))?;
    let program = install::inside(&folder, "kc.sh")?;
    let built = folder.join("built");
    if !built.exists() {
        let mut build = sh::command(&program, &["build", "--db=dev-file"]);
        build.env("JAVA_HOME", home()?);
        sh::run(build)?;
        std::fs::write(&built, "").map_err(|e| e.to_string())?;
    }
    Ok(program)
}

/// The folder that holds `bin/java`.
fn home() -> Result<PathBuf> {
    let java = java::at_least(17)?;
    let java = java.canonicalize().map_err(|e| e.to_string())?;
    let home = java.parent().and_then(Path::parent);
    home.map(Path::to_path_buf).ok_or_else(|| "Java has no home".into())
}

pub(super) fn keycloak(place: &Place, program: &Path) -> Result<Command> {
    let root = program.parent().and_then(Path::parent).ok_or("kc.sh has no folder")?;
    let imports = root.join("data/import");
    std::fs::create_dir_all(&imports).map_err(|e| e.to_string())?;
    std::fs::write(imports.join("kontor-realm.json"), realm()).map_err(|e| e.to_string())?;
    let mut server = sh::command(program, &["start", "--optimized", "--http-enabled=true"]);
    server.args([
        "--http-host=127.0.0.1",
        &format!("--http-port={}", place.port(0)),
        &format!("--http-management-port={}", place.port(1)),
        &format!("--hostname=http://{}", place.address()),
        "--import-realm",
        "--cache=local",
    ]);
    server
        .env("JAVA_HOME", home()?)
        .env("KC_BOOTSTRAP_ADMIN_USERNAME", "admin")
        .env("KC_BOOTSTRAP_ADMIN_PASSWORD", PASSWORD)
        .env("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx384m");
    Ok(server)
}

pub(super) fn is_ready(place: &Place) -> bool {
    place.answers(0, "/realms/kontor/.well-known/openid-configuration")
}

pub(super) fn issuer(place: &Place) -> String {
    format!("http://{}/realms/kontor", place.address())
}

/// The realm, as Keycloak imports it. Without the audience mapper its tokens have no `aud`.
fn realm() -> String {
    let list = |items: Vec<String>| items.join(",");
    let roles = list(USERS.iter().map(|r| format!(r#"{{"name":"{r}"}}"#)).collect());
    let users = list(
        USERS
            .iter()
            .map(|name| {
                format!(
                    r#"{{"username":"{name}","enabled":true,"email":"{name}@kontor.test",
"emailVerified":true,"firstName":"{name}","lastName":"Kontor",
"credentials":[{{"type":"password","value":"{PASSWORD}","temporary":false}}],
"realmRoles":["{name}","default-roles-kontor"]}}"#
                )
            })
            .collect(),
    );
    let audience = r#"{"name":"audience","protocol":"openid-connect",
"protocolMapper":"oidc-audience-mapper","config":{"included.custom.audience":"kontor-api",
"access.token.claim":"true"}}"#;
    format!(
        r#"{{"realm":"kontor","enabled":true,"sslRequired":"none","roles":{{"realm":[{roles}]}},
"clients":[
{{"clientId":"kontor-console","publicClient":true,"standardFlowEnabled":true,
"directAccessGrantsEnabled":true,"redirectUris":["http://localhost:*","http://127.0.0.1:*"],
"webOrigins":["+"],"attributes":{{"pkce.code.challenge.method":"S256"}},
"protocolMappers":[{audience}]}},
{{"clientId":"kontor-service","publicClient":false,"secret":"{PASSWORD}",
"serviceAccountsEnabled":true,"standardFlowEnabled":false,"protocolMappers":[{audience}]}}],
"users":[{users}]}}"#
    )
}
