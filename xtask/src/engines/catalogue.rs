//! Every engine: where it comes from, how it starts, when it is ready, what others must know.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::place::Place;
use super::{identity, install, kafka, small};
use crate::sh::Result;

/// One engine.
pub(super) struct Engine {
    /// What it is called on the command line.
    pub(super) name: &'static str,
    /// Which port of the house it stands behind.
    pub(super) about: &'static str,
    /// The version that is installed; what the system's packages hold has no fixed one.
    pub(super) version: &'static str,
    /// How many ports it needs.
    pub(super) ports: usize,
    /// Seconds until waiting is given up: several times what a busy machine took.
    pub(super) starts_within_s: u64,
    /// Installs it when it is missing; answers the program, or the folder of it.
    pub(super) install: fn() -> Result<PathBuf>,
    /// How it is started.
    pub(super) command: fn(&Place, &Path) -> Result<Command>,
    /// Whether it can be used.
    pub(super) ready: fn(&Place) -> bool,
    /// Variables that say where it is.
    pub(super) variables: fn(&Place) -> Vec<(&'static str, String)>,
}

/// Every engine, in the order they are started.
pub(super) const ALL: &[Engine] = &[
    Engine {
        name: "postgres",
        about: "database",
        version: "system",
        ports: 1,
        starts_within_s: 60,
        install: small::install_postgres,
        command: small::postgres,
        ready: Place::accepts,
        variables: |p| {
            let url = format!("postgres://postgres@{}/postgres", p.address());
            vec![("KONTOR_TEST_POSTGRES", url)]
        },
    },
    Engine {
        name: "redis",
        about: "signals",
        version: "system",
        ports: 1,
        starts_within_s: 30,
        install: small::install_redis,
        command: small::redis,
        ready: Place::accepts,
        variables: |p| vec![("KONTOR_TEST_REDIS", format!("redis://{}", p.address()))],
    },
    Engine {
        name: "kafka",
        about: "bus",
        version: kafka::KAFKA,
        ports: 4,
        starts_within_s: 120,
        install: kafka::install_kafka,
        command: kafka::kafka,
        ready: |p| p.said("Kafka Server started") && p.accepts(),
        variables: |p| vec![("KONTOR_TEST_KAFKA", format!("kafka://{}", p.address()))],
    },
    Engine {
        name: "registry",
        about: "schemas of the bus",
        version: kafka::REGISTRY,
        ports: 2,
        starts_within_s: 120,
        install: kafka::install_registry,
        command: kafka::registry,
        ready: kafka::registry_is_ready,
        variables: |p| vec![("KONTOR_TEST_REGISTRY", kafka::registry_url(p))],
    },
    Engine {
        name: "keycloak",
        about: "identity",
        version: identity::VERSION,
        ports: 2,
        starts_within_s: 240,
        install: identity::install,
        command: identity::keycloak,
        ready: identity::is_ready,
        variables: |p| vec![("KONTOR_TEST_OIDC", identity::issuer(p))],
    },
    Engine {
        name: "opa",
        about: "policy",
        version: "1.22.0",
        ports: 1,
        starts_within_s: 30,
        install: || install::go("opa", "github.com/open-policy-agent/opa@v1.22.0"),
        command: small::opa,
        ready: |p| p.answers(0, "/health"),
        variables: |p| vec![("KONTOR_TEST_OPA", format!("http://{}", p.address()))],
    },
    Engine {
        name: "s3",
        about: "blobs",
        version: "1.8.0",
        ports: 1,
        starts_within_s: 30,
        install: || install::go("s3", "github.com/versity/versitygw/cmd/versitygw@v1.8.0"),
        command: small::s3,
        ready: |p| p.answers(0, "/healthz"),
        variables: |p| {
            vec![
                ("KONTOR_TEST_S3", format!("http://{}", p.address())),
                ("KONTOR_TEST_S3_KEY", small::S3_KEY.into()),
                ("KONTOR_TEST_S3_SECRET", small::S3_SECRET.into()),
            ]
        },
    },
    Engine {
        name: "mail",
        about: "mail",
        version: "1.4.6",
        ports: 1,
        starts_within_s: 30,
        install: small::install_mail,
        command: small::mail,
        ready: Place::accepts,
        variables: |p| {
            let caught = p.at("data/new").display().to_string();
            vec![
                ("KONTOR_TEST_SMTP", format!("smtp://{}", p.address())),
                ("KONTOR_TEST_SMTP_FOLDER", caught),
            ]
        },
    },
    Engine {
        name: "toxiproxy",
        about: "faults between the house and its engines",
        version: "2.5.0",
        ports: 1,
        starts_within_s: 30,
        install: || install::go("toxiproxy", "github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0"),
        command: small::toxiproxy,
        ready: |p| p.answers(0, "/version"),
        variables: |p| vec![("KONTOR_TEST_TOXIPROXY", format!("http://{}", p.address()))],
    },
];
