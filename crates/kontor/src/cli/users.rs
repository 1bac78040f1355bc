//! `kontor user ...`: the first admin, and everybody after.

use std::io::IsTerminal as _;

use access::identity::{NewUser, service};
use clap::Subcommand;
use deals::creators::{self, CreatorId};
use kernel::{Error, Role};

use super::{Context, say};
use crate::wiring::App;

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Add a user; the password is read from the variable or asked for.
    Add {
        /// 3 to 40 of a-z 0-9 . _ -
        username: String,
        /// One or more roles: admin, underwriter, treasurer, viewer, ...
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
        /// Identifier of the creator whose deals the login sees; with the role creator.
        #[arg(long, value_name = "ID")]
        creator: Option<kernel::ids::Uuid>,
        /// Name for people.
        #[arg(long, default_value = "")]
        name: String,
        /// File whose first line is the password; without it the first line of standard input.
        #[arg(long)]
        password_file: Option<std::path::PathBuf>,
    },
    /// List users.
    List,
}

pub(super) async fn run(c: Context, command: UserCommand) -> Result<(), Error> {
    match command {
        UserCommand::Add { username, roles, creator, name, password_file } => {
            let app = App::build(c.loaded.config.clone(), false).await?;
            let cx = app.house.system_cx();
            let roles = roles.iter().map(|r| r.parse::<Role>()).collect::<Result<_, _>>()?;
            if let Some(id) = creator {
                creators::service::get(&cx, CreatorId(id)).await?;
            }
            let password = read_password(password_file)?;
            let new = NewUser { username, display_name: name, password, roles, subject: creator };
            let user = service::add_user(&cx, new).await?;
            let sentence = format!("added {} ({})", user.username, user.id);
            say(&c, &serde_json::json!({ "id": user.id, "username": user.username }), &sentence);
        }
        UserCommand::List => {
            let db = super::check::open_house(&c.loaded.config).await?;
            let users = service::users(&db).await?;
            let rows: Vec<serde_json::Value> = users
                .iter()
                .map(|u| serde_json::json!({ "username": u.username, "roles": u.roles }))
                .collect();
            let lines: Vec<String> = users
                .iter()
                .map(|u| {
                    let roles: Vec<&str> = u.roles.iter().map(|r| r.as_str()).collect();
                    format!("{:<20} {}", u.username, roles.join(", "))
                })
                .collect();
            say(&c, &serde_json::json!(rows), &lines.join("\n"));
        }
    }
    Ok(())
}

fn read_password(file: Option<std::path::PathBuf>) -> Result<String, Error> {
    let wrong = |from: &str, e: std::io::Error| {
        Error::invalid("password", format!("the password cannot be read from {from}: {e}"))
    };
    let text = match file {
        Some(path) => {
            std::fs::read_to_string(&path).map_err(|e| wrong(&path.display().to_string(), e))?
        }
        None => {
            if std::io::stdin().is_terminal() {
                eprintln!("Password (12 to 128 characters), then Enter:");
            }
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).map_err(|e| wrong("standard input", e))?;
            line
        }
    };
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
