//! Apache Kafka (one node, KRaft) and a schema registry that speaks Confluent's API (Apicurio).

use std::path::{Path, PathBuf};
use std::process::Command;

use super::place::Place;
use super::{install, java};
use crate::sh::{self, Result};

pub(super) const KAFKA: &str = "4.1.1";
pub(super) const REGISTRY: &str = "3.3.3";
/// The registry of today needs this Java; on an older one the older registry runs.
const REGISTRY_JAVA: u32 = 21;
const REGISTRY_BEFORE: &str = "3.0.9";
/// Of its ports, where it listens for clients behind a link that can be broken; the next one is
/// where they find the link. A broker tells its clients where it is, so there must be a second
/// listener that tells them the link.
const LINK: usize = 2;
/// Where the registry speaks as Confluent's does.
const COMPATIBLE: &str = "/apis/ccompat/v7";

pub(super) fn install_kafka() -> Result<PathBuf> {
    install::jars(
        "kafka",
        &[
            ["org.apache.kafka", "kafka_2.13", KAFKA],
            // Without a backend nothing is logged, and "started" is read from the log.
            ["org.apache.logging.log4j", "log4j-slf4j-impl", "2.24.3"],
        ],
    )
}

pub(super) fn kafka(place: &Place, jars: &Path) -> Result<Command> {
    let (clients, controller) = (place.port(0), place.port(1));
    let (link, advertised) = (place.port(LINK), place.port(LINK + 1));
    let at = "127.0.0.1";
    let properties = format!(
        "process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{at}:{controller}
listeners=PLAINTEXT://{at}:{clients},CONTROLLER://{at}:{controller},LINK://{at}:{link}
advertised.listeners=PLAINTEXT://{at}:{clients},LINK://{at}:{advertised}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,LINK:PLAINTEXT
log.dirs={}
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=2
log.cleaner.dedupe.buffer.size=8388608
",
        place.at("data").display()
    );
    let file = place.put("server.properties", &properties)?.display().to_string();
    let java = java::at_least(17)?;
    let command = |class: &str| {
        let mut command = java::command(&java);
        let path = jars.join("*").display().to_string();
        command.args(["-XX:MaxDirectMemorySize=64m", "-Dorg.apache.logging.log4j.level=INFO"]);
        command.args(["-cp", &path, class]);
        command
    };
    let mut format = command("kafka.tools.StorageTool");
    // The identifier of this cluster of one: any will do, as long as it stays.
    let cluster = "AAAAAAAAAAAAAAAAAAAAAQ";
    format.args(["format", "--ignore-formatted", "-t", cluster, "-c", &file]);
    sh::output(format)?;
    let mut server = command("kafka.Kafka");
    server.arg(&file);
    Ok(server)
}

/// Where it listens behind a link, and where clients find that; nothing when it was started
/// before there was one.
pub(super) fn link(place: &Place) -> Option<(&'static str, String)> {
    let (upstream, advertised) = (place.port(LINK), place.port(LINK + 1));
    (advertised != 0)
        .then(|| ("KONTOR_TEST_KAFKA_LINK", format!("127.0.0.1:{upstream},127.0.0.1:{advertised}")))
}

pub(super) fn install_registry() -> Result<PathBuf> {
    let version = if java::at_least(REGISTRY_JAVA).is_ok() { REGISTRY } else { REGISTRY_BEFORE };
    let artifact = format!("io.apicurio:apicurio-registry-app:{version}:tar.gz:all");
    let folder = install::archive("registry", &artifact)?;
    install::inside(&folder, "quarkus-run.jar").or_else(|_| {
        install::inside(&folder, &format!("apicurio-registry-app-{version}-runner.jar"))
    })
}

pub(super) fn registry(place: &Place, jar: &Path) -> Result<Command> {
    let java = java::at_least(REGISTRY_JAVA).or_else(|_| java::at_least(17))?;
    let mut server = java::command(&java);
    server.args([
        "-Dquarkus.http.host=127.0.0.1",
        &format!("-Dquarkus.http.port={}", place.port(0)),
        "-Dquarkus.management.host=127.0.0.1",
        &format!("-Dquarkus.management.port={}", place.port(1)),
        "-Dapicurio.rules.global.compatibility=BACKWARD",
        "-Dquarkus.log.level=WARN",
        "-jar",
        &jar.display().to_string(),
    ]);
    Ok(server)
}

pub(super) fn registry_is_ready(place: &Place) -> bool {
    place.answers(0, &format!("{COMPATIBLE}/subjects"))
}

pub(super) fn registry_url(place: &Place) -> String {
    format!("http://{}{COMPATIBLE}", place.address())
}
