//! The one composition root: reads like a table of contents, every argument visible.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use access::gateway::{Gateway, front};
use access::identity::{Identity, MasterKey};
use access::policy::Embedded;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use deals::Deals;
use deals::bank::Bank;
use deals::documents::HouseName;
use kernel::{Error, Kind};
use platform::House;
use platform::chain::Chain;
use platform::clock::{SystemClock, SystemIds};
use platform::db::migrate::{self, Migration};
use platform::db::{Db, DbError, Dialect};
use platform::jobs::Handlers;
use platform::signals::Signals;
use platform::tasks::Tasks;
use realtime::Hub;
use tower::Layer as _;
use tower_http::compression::CompressionLayer;
use tower_http::normalize_path::{NormalizePath, NormalizePathLayer};
use utoipa_axum::router::OpenApiRouter;

use crate::settings::FileSettings;
use crate::{Config, console, demo, health};

/// Every migration of the house, in order.
pub const MIGRATIONS: &[Migration] =
    &[platform::MIGRATIONS[0], ledger::MIGRATIONS[0], access::MIGRATIONS[0], deals::MIGRATIONS[0]];

/// Every sealed chain.
const CHAINS: &[Chain] = &[platform::audit::CHAIN, ledger::CHAIN];

/// A built house, ready to serve.
pub struct App {
    /// What every use case uses.
    pub house: Arc<House>,
    /// Users and tokens.
    pub identity: Arc<Identity>,
    /// Deals with their rail.
    pub deals: Deals,
    /// Live events.
    pub hub: Arc<Hub>,
    /// Supervised tasks.
    pub tasks: Tasks,
    config: Config,
    demo: Option<Arc<demo::Demo>>,
}

impl App {
    /// Opens database, files and keys, applies migrations, and builds every module.
    ///
    /// # Errors
    /// A sentence that says which engine is not there and why.
    pub async fn build(config: Config, with_demo: bool) -> Result<Self, Error> {
        let db = Db::open(&config.database.url, Arc::new(Signals::default())).map_err(no_db)?;
        let clock = Arc::new(SystemClock);
        migrate::up(&db, MIGRATIONS, kernel::Clock::now(&*clock)).await.map_err(no_db)?;
        let house = Arc::new(House {
            db,
            clock,
            ids: Arc::new(SystemIds),
            authorizer: Arc::new(Embedded::load()?),
            settings: Arc::new(FileSettings::load(&config.settings)?),
            blobs: platform::blobs::open(&config.blobs)?,
        });
        let master = master_key(Path::new(&config.identity.master_key_file))?;
        let identity = Identity::start(&house, config.identity.service.clone(), &master).await?;
        let identity = Arc::new(identity);
        let bank = open_bank(&house, &config).await?;
        let name = HouseName {
            name: config.deals.house_name.clone(),
            lines: config.deals.house_lines.clone(),
        };
        let upload_limit = config.server.upload_limit_bytes;
        let deals = Deals { house: Arc::clone(&house), name: Arc::new(name), bank, upload_limit };
        let demo =
            with_demo.then(|| Arc::new(demo::Demo::new(deals.clone(), Arc::clone(&identity))));
        Ok(Self {
            house,
            identity,
            deals,
            hub: Arc::new(Hub::default()),
            tasks: Tasks::default(),
            config,
            demo,
        })
    }

    /// Makes the demo's logins, when this is a demo.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn make_demo_logins(&self) -> Result<(), Error> {
        match &self.demo {
            Some(demo) => demo.make_logins().await,
            None => Ok(()),
        }
    }

    /// The whole program as one service.
    pub fn router(&self) -> NormalizePath<Router> {
        let (api, document) = self.api().split_for_parts();
        let gateway = Arc::new(Gateway::new(
            Arc::clone(&self.house),
            Arc::clone(&self.identity),
            self.config.gateway.clone(),
        ));
        let router = api
            .merge(health::routes(Arc::clone(&self.house), Arc::clone(&self.identity)))
            .merge(docs(document))
            .fallback(console::serve)
            .layer(DefaultBodyLimit::max(self.config.server.body_limit_bytes))
            // Streams of events are left alone by its own rule: they must not be buffered.
            .layer(CompressionLayer::new())
            .layer(axum::middleware::from_fn_with_state(gateway, front));
        NormalizePathLayer::trim_trailing_slash().layer(router)
    }

    fn api(&self) -> OpenApiRouter {
        let house = || Arc::clone(&self.house);
        let modules = OpenApiRouter::new()
            .merge(access::identity::routes(house(), Arc::clone(&self.identity)))
            .merge(ledger::http::routes(house()))
            .merge(self.deals.routes())
            .merge(realtime::routes(house(), Arc::clone(&self.hub)))
            .merge(demo::routes(house(), self.demo.clone()));
        let outline = crate::openapi::outline();
        let mut api = OpenApiRouter::with_openapi(outline).nest("/api/v1", modules);
        crate::openapi::complete(api.get_openapi_mut());
        api
    }

    /// Every job handler.
    pub fn handlers(&self) -> Handlers {
        self.deals.jobs(Handlers::default())
    }

    /// Starts everything that runs beside requests.
    pub fn start_tasks(&self) {
        let house = || Arc::clone(&self.house);
        let db = self.house.db.clone();
        self.tasks.supervise("relay", move || platform::outbox::relay(db.clone()));
        let db = self.house.db.clone();
        self.tasks.supervise("bells", move || {
            let db = db.clone();
            async move {
                db.carry_bells().await;
                std::future::pending::<()>().await;
            }
        });
        let (hub, for_hub) = (Arc::clone(&self.hub), house());
        self.tasks.supervise("hub", move || Arc::clone(&hub).run(Arc::clone(&for_hub)));
        let (for_jobs, handlers, width) = (house(), self.handlers(), self.config.jobs.width);
        let stop = self.tasks.stopping();
        self.tasks.supervise_to_end("jobs", move || {
            platform::jobs::run(Arc::clone(&for_jobs), handlers.clone(), width, stop.clone())
        });
        let for_chains = house();
        self.tasks
            .supervise("chains", move || platform::chain::run(Arc::clone(&for_chains), CHAINS));
        let for_blobs = house();
        self.tasks
            .supervise("staging", move || platform::blobs::sweep_daily(Arc::clone(&for_blobs)));
        let deals = self.deals.clone();
        self.tasks.supervise("deals-tick", move || {
            let deals = deals.clone();
            async move {
                loop {
                    if let Err(e) = deals.tick().await {
                        tracing::warn!(error = %e, "the regular look at deals failed");
                    }
                    platform::tasks::sleep_ms(2_000).await;
                }
            }
        });
        if let Some(demo) = &self.demo {
            let demo = Arc::clone(demo);
            self.tasks.supervise("demo", move || Arc::clone(&demo).run());
        }
    }

    /// Serves until a signal asks to stop, then drains.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn serve(self) -> Result<(), Error> {
        let address = self.config.server.address.clone();
        let listener = tokio::net::TcpListener::bind(&address).await.map_err(|e| {
            Error::new(Kind::Unavailable, "address_in_use", format!("{address}: {e}"))
        })?;
        self.serve_on(listener, stop_signal()).await
    }

    /// Serves on a listener until `stop` is done, then drains. Tests hand in their own.
    ///
    /// # Errors
    /// When accepting connections fails.
    pub async fn serve_on(
        self,
        listener: tokio::net::TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), Error> {
        self.start_tasks();
        let app = axum::ServiceExt::<axum::extract::Request>::into_make_service_with_connect_info::<
            SocketAddr,
        >(self.router());
        tracing::info!(database = self.house.db.dialect().name(), "ready");
        let grace = Duration::from_secs(self.config.server.drain_seconds);
        let (hub, stopping) = (Arc::clone(&self.hub), self.tasks.stopping());
        let asked = stopping.clone();
        let served = axum::serve(listener, app).with_graceful_shutdown(async move {
            stop.await;
            hub.stop();
            asked.cancel();
        });
        // Streams end with a goodbye; whoever does not let go in time is cut off.
        let cut_off = async {
            stopping.cancelled().await;
            tokio::time::sleep(grace).await;
        };
        tokio::select! {
            ended = served => ended.map_err(|e| Error::internal("serving failed").caused_by(e))?,
            () = cut_off => {}
        }
        self.tasks.drain(grace).await;
        Ok(())
    }
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
fn no_db(e: DbError) -> Error {
    Error::new(Kind::Unavailable, "database_unavailable", format!("the database: {e}"))
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
    let app = App::build(config, false).await?;
    let (_, document) = app.api().split_for_parts();
    document.to_pretty_json().map_err(|e| Error::internal("OpenAPI").caused_by(e))
}
