//! Python programs that come from the package index, each set in an environment of its own under
//! `target/`.

use std::path::PathBuf;

use crate::sh::{self, Result};
use crate::{server, tools};

/// The programs of `xtask/<name>.requirements.txt`, installed version by version when they are
/// not there or old; answers the folder they are in.
pub(crate) fn ready(name: &str) -> Result<PathBuf> {
    let requirements = format!("xtask/{name}.requirements.txt");
    let home = server::target().join(format!("{name}-venv"));
    let (bin, installed) = (home.join("bin"), home.join("installed.txt"));
    let wanted = std::fs::read_to_string(sh::root().join(&requirements));
    let wanted = wanted.map_err(|e| format!("{requirements}: {e}"))?;
    // Its programs name the place where it was made, and do not run in another.
    let wanted = format!("# {}\n{wanted}", home.display());
    if std::fs::read_to_string(&installed).is_ok_and(|there| there == wanted) {
        return Ok(bin);
    }
    let python = tools::python()?;
    out!("installing {requirements} into {}", home.display());
    sh::run(sh::command(python, &["-m", "venv", "--clear", &home.display().to_string()]))?;
    let install = ["install", "--quiet", "--disable-pip-version-check", "-r", &requirements];
    sh::run(sh::command(bin.join("pip"), &install))?;
    std::fs::write(&installed, wanted).map_err(|e| e.to_string())?;
    Ok(bin)
}
