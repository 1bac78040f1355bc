//! The one composition root: reads like a table of contents, every argument visible.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use access::gateway::{Door, Gateway, front};
use access::identity::{Identity, MasterKey};
use access::policy::Policy;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use contracts::schemas::SUBJECTS;
use deals::Deals;
use deals::bank::Bank;
use deals::letters::Post;
use kernel::{Error, Kind};
use platform::House;
use platform::bus::Bus;
use platform::clock::{SystemClock, SystemIds};
use platform::db::migrate::{self, Migration};
use platform::db::{Db, DbError, Dialect};
use platform::inbox::Consumer;
use platform::jobs::Handlers;
use platform::signals::{Exchange, Local, Redis, Signals};
use platform::tasks::{Heavy, Tasks};
use realtime::Hub;
use tower::Layer as _;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::normalize_path::{NormalizePath, NormalizePathLayer};
use utoipa_axum::router::OpenApiRouter;

use crate::duties::{Duties, Duty};
use crate::settings::FileSettings;
use crate::{Config, console, demo, health};

/// Every migration of the house, in order.
pub const MIGRATIONS: &[Migration] = &[
    platform::MIGRATIONS[0],
    ledger::MIGRATIONS[0],
    access::MIGRATIONS[0],
    deals::MIGRATIONS[0],
    platform::MIGRATIONS[1],
    access::MIGRATIONS[1],
    platform::MIGRATIONS[2],
    ledger::MIGRATIONS[1],
    deals::MIGRATIONS[1],
    deals::MIGRATIONS[2],
    access::MIGRATIONS[2],
    platform::MIGRATIONS[3],
    deals::MIGRATIONS[3],
];

/// A built house, ready to serve.
pub struct App {
    /// What every use case uses.
    pub house: Arc<House>,
    /// Users and tokens.
    pub identity: Arc<Identity>,
    /// What they may do.
    pub policy: Arc<Policy>,
    /// Deals with their rail.
    pub deals: Deals,
    /// Live events.
    pub hub: Arc<Hub>,
    /// Supervised tasks.
    pub tasks: Tasks,
    /// What carries signals between processes, when it is not the database.
    pub(crate) redis: Option<Arc<Redis>>,
    /// Where events go.
    pub bus: Bus,
    /// What this process does.
    pub duties: Duties,
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) config: Config,
    pub(crate) demo: Option<Arc<demo::Demo>>,
}

impl App {
    /// Opens database, files and keys, applies migrations, and builds every module. `demo` is the
    /// time between two deals that arrive by themselves, when this is a demo.
    ///
    /// # Errors
    /// A sentence that says which engine is not there and why.
    pub async fn build(config: Config, demo: Option<Duration>) -> Result<Self, Error> {
        config.check()?;
        let duties = Duties::new(&config.server.roles, &config.server.modules)?;
        let bus = Bus::open(&config.bus, SUBJECTS)?;
        bus.prepare().await?;
        let limits = config.database.limits()?;
        let signals = Arc::new(Signals::default());
        let db = Db::open_within(&config.database.url, signals, limits).map_err(no_db)?;
        let clock = Arc::new(SystemClock);
        let redis = config.signals.redis(Arc::clone(&clock) as _)?;
        let exchange: Arc<dyn Exchange> = match &redis {
            Some(redis) => Arc::clone(redis) as _,
            None => Arc::new(Local::default()),
        };
        migrate::up(&db, MIGRATIONS, kernel::Clock::now(&*clock)).await.map_err(no_db)?;
        let ids = Arc::new(SystemIds);
        let policy = Arc::new(Policy::start(
            &config.policy,
            config.access.enforcement(),
            Arc::clone(&clock) as _,
            Arc::clone(&ids) as _,
        )?);
        let house = Arc::new(House {
            db,
            clock,
            ids,
            authorizer: Arc::clone(&policy) as _,
            settings: Arc::new(FileSettings::load(&config.settings)?),
            blobs: platform::blobs::open(&config.blobs)?,
            exchange,
            heavy: Heavy::for_this_machine(),
        });
        let master = master_key(Path::new(&config.identity.master_key_file))?;
        let identity = Identity::start(&house, config.identity.service.clone(), &master).await?;
        let door = config.access.auth_required;
        let identity = Arc::new(if door { identity } else { identity.for_everybody() });
        let bank = open_bank(&house, &config).await?;
        let deals = Deals {
            house: Arc::clone(&house),
            name: Arc::new(config.house_name()),
            bank,
            post: Arc::new(post(&config)?),
            upload_limit: config.server.upload_limit_bytes,
        };
        let demo =
            demo.map(|pace| Arc::new(demo::Demo::new(deals.clone(), Arc::clone(&identity), pace)));
        let door = if duties.is_door() { Door::Outer } else { Door::Inner };
        let (front, known) = (config.gateway.clone(), Arc::clone(&identity));
        let gateway = Arc::new(Gateway::new(Arc::clone(&house), known, front, door)?);
        Ok(Self {
            house,
            identity,
            policy,
            deals,
            hub: Arc::new(Hub::default()),
            tasks: Tasks::default(),
            redis,
            bus,
            duties,
            gateway,
            config,
            demo,
        })
    }

    /// Makes the demo's logins and its past, when this is a demo; `heard` is told after each
    /// deal of the past, of how many.
    ///
    /// # Errors
    /// `not_a_demo` for the database of a real house, or when the database fails.
    pub async fn make_demo(&self, heard: &mut dyn FnMut(usize, usize)) -> Result<(), Error> {
        let Some(demo) = &self.demo else { return Ok(()) };
        demo.make_logins().await?;
        demo.make_past(heard).await
    }

    /// The whole program as one service.
    pub fn router(&self) -> NormalizePath<Router> {
        let (api, _) = self.api(&self.duties).split_for_parts();
        let inner = api
            .merge(health::routes(&self.house, &self.identity, &self.gateway))
            // The address that other services know; described under /api/v1.
            .nest("/api", self.for_services())
            .layer(DefaultBodyLimit::max(self.config.server.body_limit_bytes))
            // Streams of events are left alone by its own rule: they must not be buffered.
            .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
            // Large, public and the same for everybody: compressing it anew for each stranger
            // would cost more than sending it.
            .merge(docs(self.document()))
            .fallback(console::serve);
        // Outside the inner router, so that the front door may change where a request goes.
        let gateway = Arc::clone(&self.gateway);
        let router = Router::new()
            .fallback_service(inner)
            .layer(axum::middleware::from_fn_with_state(gateway, front));
        NormalizePathLayer::trim_trailing_slash().layer(router)
    }

    /// The routes of the modules that `duties` reach to.
    fn api(&self, duties: &Duties) -> OpenApiRouter {
        let house = || Arc::clone(&self.house);
        let mut modules = OpenApiRouter::new();
        let mut add = |duty: Duty, module: &str, routes: &dyn Fn() -> OpenApiRouter| {
            if duties.has(duty) && duties.cover(module) {
                modules = std::mem::take(&mut modules).merge(routes());
            }
        };
        let api = Duty::Api;
        add(api, "access.identity", &|| {
            access::identity::routes(house(), Arc::clone(&self.identity))
        });
        add(api, "access.policy", &|| access::policy::routes(house(), Arc::clone(&self.policy)));
        add(api, "ledger", &|| ledger::http::routes(house()));
        for module in deals::MODULES {
            add(api, module, &|| self.deals.routes(module));
        }
        add(Duty::Hub, "realtime", &|| realtime::routes(house(), Arc::clone(&self.hub)));
        add(api, "deals.offers", &|| demo::routes(house(), self.demo.clone()));
        let outline = crate::openapi::outline();
        let mut api = OpenApiRouter::with_openapi(outline).nest("/api/v1", modules);
        crate::openapi::complete(api.get_openapi_mut());
        api
    }

    fn for_services(&self) -> Router {
        let (house, identity) = (Arc::clone(&self.house), Arc::clone(&self.identity));
        access::identity::spec_routes(house, identity).split_for_parts().0
    }

    /// The description of the whole house, whatever this process does of it.
    fn document(&self) -> utoipa::openapi::OpenApi {
        self.api(&Duties::everything()).split_for_parts().1
    }

    /// Every consumer of this process.
    pub fn consumers(&self) -> Vec<Consumer> {
        let mut all = access::policy::consumers(self.config.policy.decisions_days);
        all.extend(self.deals.consumers());
        all.retain(|c| self.duties.cover(c.module()));
        all
    }

    /// Every job handler of this process.
    pub fn handlers(&self) -> Handlers {
        let of_deals = self.deals.jobs(Handlers::default());
        let covered = of_deals.only(|kind| self.duties.cover(deals::module_of(kind)));
        platform::inbox::handlers(self.consumers(), covered)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
pub(crate) fn no_db(e: DbError) -> Error {
    Error::new(Kind::Unavailable, "database_unavailable", format!("the database: {e}"))
}

/// What letters are sent by.
pub(crate) fn post(config: &Config) -> Result<Post, Error> {
    let address = config.identity.service.issuer.trim_end_matches('/').to_owned();
    Ok(Post { mail: platform::mail::open(&config.mail)?, address })
}

async fn open_bank(house: &Arc<House>, config: &Config) -> Result<Arc<Bank>, Error> {
    let mut url = config.bank_url();
    if house.db.dialect() == Dialect::Postgres && config.deals.bank_database.is_empty() {
        Bank::make_schema(&house.db).await.map_err(no_db)?;
        let join = if url.contains('?') { '&' } else { '?' };
        url = format!("{url}{join}options=-csearch_path%3Dsandbox_bank");
    }
    let db = Db::open(&url, Arc::new(Signals::default())).map_err(no_db)?;
    let (clock, ids) = (Arc::clone(&house.clock), Arc::clone(&house.ids));
    Ok(Arc::new(Bank::open(db, clock, ids, config.deals.bank_delay_ms).await?))
}

/// Reads the master key, making one when the file is missing.
fn master_key(path: &Path) -> Result<MasterKey, Error> {
    let wrong = |e: std::io::Error| {
        Error::new(Kind::Unavailable, "master_key", format!("{}: {e}", path.display()))
    };
    if !path.exists() {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(wrong)?;
        }
        platform::blobs::write_secret(path, &MasterKey::generate()).map_err(wrong)?;
    }
    MasterKey::parse(&std::fs::read_to_string(path).map_err(wrong)?)
}

fn docs(document: utoipa::openapi::OpenApi) -> Router {
    utoipa_swagger_ui::SwaggerUi::new("/docs").url("/openapi.json", document).into()
}

/// The OpenAPI description as pretty JSON.
///
/// # Errors
/// When the house cannot be built.
pub async fn openapi(config: Config) -> Result<String, Error> {
    let app = App::build(config, None).await?;
    app.document().to_pretty_json().map_err(|e| Error::internal("OpenAPI").caused_by(e))
}
