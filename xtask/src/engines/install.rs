//! Installing engines from package registries, each version once, into the user's cache.

use std::path::{Path, PathBuf};

use super::place::home;
use crate::sh::{self, Result};
use crate::tools;

/// Runs `make` in an empty folder unless it ran for this recipe before; answers the folder.
fn once(name: &str, recipe: &str, make: impl FnOnce(&Path) -> Result) -> Result<PathBuf> {
    let folder = home()?.join("programs").join(name);
    let done = folder.join("installed");
    if std::fs::read_to_string(&done).is_ok_and(|there| there == recipe) {
        return Ok(folder);
    }
    if std::env::var_os("KONTOR_NO_INSTALL").is_some() {
        return Err(format!("{name} is not installed, and KONTOR_NO_INSTALL forbids it"));
    }
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|e| e.to_string())?;
    }
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    out!("installing {name}: {recipe}");
    make(&folder)?;
    std::fs::write(&done, recipe).map_err(|e| e.to_string())?;
    Ok(folder)
}

/// A Go program, built from its module; answers the program.
pub(super) fn go(name: &str, module: &str) -> Result<PathBuf> {
    let go = tools::find(&["go"]).ok_or("Go is missing; get it from https://go.dev")?;
    let folder = once(name, module, |folder| {
        let mut install = sh::command(&go, &["install", module]);
        install.env("GOBIN", folder).env("CGO_ENABLED", "0");
        sh::run(install)
    })?;
    let program = |entry: std::io::Result<std::fs::DirEntry>| {
        entry.ok().map(|e| e.path()).filter(|p| p.file_name().is_some_and(|n| n != "installed"))
    };
    std::fs::read_dir(&folder)
        .ok()
        .and_then(|mut entries| entries.find_map(program))
        .ok_or_else(|| format!("{} holds no program", folder.display()))
}

/// Java libraries with everything they need, in one folder.
pub(super) fn jars(name: &str, artifacts: &[[&str; 3]]) -> Result<PathBuf> {
    let mvn = maven()?;
    let recipe: Vec<String> = artifacts.iter().map(|a| a.join(":")).collect();
    once(name, &recipe.join(" "), |folder| {
        let dependencies: String = artifacts
            .iter()
            .map(|[group, artifact, version]| {
                format!(
                    "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>\
                     <version>{version}</version></dependency>"
                )
            })
            .collect();
        let pom = format!(
            "<project><modelVersion>4.0.0</modelVersion><groupId>kontor</groupId>\
             <artifactId>{name}</artifactId><version>1</version>\
             <dependencies>{dependencies}</dependencies></project>"
        );
        let file = folder.join("pom.xml");
        std::fs::write(&file, pom).map_err(|e| e.to_string())?;
        let to = format!("-DoutputDirectory={}", folder.display());
        let copy = ["-q", "-B", "-f", &file.display().to_string()];
        let mut copy = sh::command(&mvn, &copy);
        copy.args(["dependency:copy-dependencies", "-DincludeScope=runtime", &to]);
        sh::run(copy)
    })
}

/// An archive from Maven's repository (`group:artifact:version:type[:classifier]`), unpacked.
pub(super) fn archive(name: &str, artifact: &str) -> Result<PathBuf> {
    let mvn = maven()?;
    once(name, artifact, |folder| {
        let what = format!("-Dartifact={artifact}");
        let to = format!("-DoutputDirectory={}", folder.display());
        sh::run(sh::command(&mvn, &["-q", "-B", "dependency:get", "-Dtransitive=false", &what]))?;
        sh::run(sh::command(&mvn, &["-q", "-B", "dependency:copy", &what, &to]))?;
        let file = std::fs::read_dir(folder)
            .map_err(|e| e.to_string())?
            .filter_map(|e| e.ok().map(|e| e.path()))
            .find(|p| p.extension().is_some_and(|x| x == "zip" || x == "gz"))
            .ok_or_else(|| format!("{artifact} brought no archive"))?;
        let (file, folder) = (file.display().to_string(), folder.display().to_string());
        if file.ends_with(".zip") {
            let unzip = tools::need("unzip", || tools::find(&["unzip"]))?;
            sh::output(sh::command(unzip, &["-q", &file, "-d", &folder]))?;
        } else {
            sh::output(sh::command("tar", &["-xzf", &file, "-C", &folder]))?;
        }
        std::fs::remove_file(&file).map_err(|e| e.to_string())
    })
}

fn maven() -> Result<PathBuf> {
    tools::need("maven", || tools::find(&["mvn"]))
}

/// The file of this name, wherever an archive put it.
pub(super) fn inside(folder: &Path, name: &str) -> Result<PathBuf> {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(|e| e.to_string())?.flatten() {
            let path = entry.path();
            if entry.file_name() == name && path.is_file() {
                return Ok(path);
            }
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    Err(format!("there is no {name} in {}", folder.display()))
}
