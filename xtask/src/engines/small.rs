//! The engines that are one small program: Redis, OPA, S3, a mail catcher, toxiproxy; and
//! PostgreSQL with a cluster that stays.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::place::Place;
use crate::postgres;
use crate::sh::{self, Result};
use crate::{tools, venv};

/// For tests on this machine only.
pub(super) const S3_KEY: &str = "kontor-test";
pub(super) const S3_SECRET: &str = "kontor-test-secret";

pub(super) fn install_postgres() -> Result<PathBuf> {
    postgres::bin()
}

pub(super) fn postgres(place: &Place, bin: &Path) -> Result<Command> {
    postgres::at(bin, &place.at("data"), place.port(0))
}

pub(super) fn install_redis() -> Result<PathBuf> {
    tools::need("redis-server", || tools::find(&["redis-server"]))
}

pub(super) fn redis(place: &Place, program: &Path) -> Result<Command> {
    let port = place.port(0).to_string();
    let keeps_nothing = ["--save", "", "--appendonly", "no"];
    let mut server = sh::command(program, &["--bind", "127.0.0.1", "--port", &port]);
    server.args(keeps_nothing);
    Ok(server)
}

pub(super) fn opa(place: &Place, program: &Path) -> Result<Command> {
    Ok(sh::command(program, &["run", "--server", "--addr", &place.address()]))
}

pub(super) fn s3(place: &Place, program: &Path) -> Result<Command> {
    let data = place.at("data");
    std::fs::create_dir_all(&data).map_err(|e| e.to_string())?;
    let mut server = sh::command(program, &["--port", &place.address(), "--health", "/healthz"]);
    server.args(["posix", &data.display().to_string()]);
    server.env("ROOT_ACCESS_KEY", S3_KEY).env("ROOT_SECRET_KEY", S3_SECRET);
    Ok(server)
}

pub(super) fn install_mail() -> Result<PathBuf> {
    Ok(venv::ready("mail")?.join("python"))
}

/// Every mail becomes a file in `data/new`.
pub(super) fn mail(place: &Place, python: &Path) -> Result<Command> {
    let (address, folder) = (place.address(), place.at("data").display().to_string());
    let module = ["-m", "aiosmtpd", "-n", "-l", &address, "-c"];
    let mut server = sh::command(python, &module);
    server.args(["aiosmtpd.handlers.Mailbox", &folder]);
    Ok(server)
}

pub(super) fn toxiproxy(place: &Place, program: &Path) -> Result<Command> {
    let port = place.port(0).to_string();
    Ok(sh::command(program, &["-host", "127.0.0.1", "-port", &port]))
}
