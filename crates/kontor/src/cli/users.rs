//! `kontor user ...`: the first admin, and everybody after.

use std::io::IsTerminal as _;
use std::sync::Arc;

use access::identity::{Identity, Key, NewUser, Session, UserId, service};
use clap::Subcommand;
use deals::creators::{self, CreatorId};
use kernel::{Error, Principal, Role};
use platform::Cx;

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
    /// Disable a user: every session ends, and no login opens another.
    Disable {
        username: String,
        /// Kept in the audit.
        #[arg(long)]
        reason: String,
    },
    /// Let a user log in again.
    Enable {
        username: String,
        /// Kept in the audit.
        #[arg(long)]
        reason: String,
    },
    /// Give a user other roles; every session ends.
    Roles {
        username: String,
        /// All of the user's roles.
        #[arg(long = "role", required = true)]
        roles: Vec<String>,
    },
    /// Give a user another password; every session ends.
    Password {
        username: String,
        /// File whose first line is the password; without it the first line of standard input.
        #[arg(long)]
        password_file: Option<std::path::PathBuf>,
    },
    /// List the sessions of a user that live.
    Sessions { username: String },
    /// End every session of a user.
    EndSessions { username: String },
}

#[derive(Subcommand)]
pub(super) enum KeyCommand {
    /// List signing keys, newest first.
    List,
    /// Make a new signing key; tokens of those before stay good until they end.
    Rotate,
    /// Withdraw a signing key: its tokens are refused within half a minute.
    Withdraw {
        kid: String,
        /// Kept in the audit.
        #[arg(long)]
        reason: String,
    },
}

pub(super) async fn run(c: Context, command: UserCommand) -> Result<(), Error> {
    match command {
        UserCommand::Disable { username, reason } => {
            let (identity, cx, id) = whom(&c, &username).await?;
            identity.disable(&cx, id, &reason).await?;
            done(&c, &username, "is disabled; every session has ended");
        }
        UserCommand::Enable { username, reason } => {
            let (identity, cx, id) = whom(&c, &username).await?;
            identity.enable(&cx, id, &reason).await?;
            done(&c, &username, "may log in again");
        }
        UserCommand::Roles { username, roles } => {
            let roles = roles.iter().map(|r| r.parse::<Role>()).collect::<Result<_, _>>()?;
            let (identity, cx, id) = whom(&c, &username).await?;
            let user = identity.set_roles(&cx, id, roles).await?;
            let roles: Vec<&str> = user.roles.iter().map(|r| r.as_str()).collect();
            let what = format!("is now {}; every session has ended", roles.join(", "));
            done(&c, &username, &what);
        }
        UserCommand::Password { username, password_file } => {
            let (identity, cx, id) = whom(&c, &username).await?;
            let password = read_password(password_file)?;
            identity.set_password(&cx, id, &password).await?;
            done(&c, &username, "has a new password; every session has ended");
        }
        UserCommand::Sessions { username } => {
            let (identity, cx, id) = whom(&c, &username).await?;
            let all = identity.sessions(&cx, id).await?;
            let row = |s: &Session| {
                serde_json::json!({ "id": s.id, "address": s.address, "created_at": s.created_at,
                    "seen_at": s.seen_at, "expires_at": s.expires_at })
            };
            let rows: Vec<serde_json::Value> = all.iter().map(row).collect();
            let line = |s: &Session| {
                let from = s.address.as_deref().unwrap_or("unknown");
                format!("{}  from {from:<20} last seen {}", s.id, s.seen_at)
            };
            let lines: Vec<String> = all.iter().map(line).collect();
            let text = if lines.is_empty() { "no session lives".into() } else { lines.join("\n") };
            say(&c, &serde_json::json!(rows), &text);
        }
        UserCommand::EndSessions { username } => {
            let (identity, cx, id) = whom(&c, &username).await?;
            identity.end_sessions(&cx, id).await?;
            done(&c, &username, "has no session any more");
        }
        UserCommand::Add { username, roles, creator, name, password_file } => {
            let app = App::build(c.loaded.config.clone(), None).await?;
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
                .map(|u| {
                    serde_json::json!({ "username": u.username, "roles": u.roles,
                        "disabled": u.disabled, "issuer": u.issuer })
                })
                .collect();
            let lines: Vec<String> = users
                .iter()
                .map(|u| {
                    let roles: Vec<&str> = u.roles.iter().map(|r| r.as_str()).collect();
                    let disabled = if u.disabled { " (disabled)" } else { "" };
                    format!("{:<20} {}{disabled}", u.username, roles.join(", "))
                })
                .collect();
            say(&c, &serde_json::json!(rows), &lines.join("\n"));
        }
    }
    Ok(())
}

/// `kontor key ...`: the keys that sign the house's tokens.
pub(super) async fn run_keys(c: Context, command: KeyCommand) -> Result<(), Error> {
    let (identity, cx) = at_the_desk(&c).await?;
    match command {
        KeyCommand::List => {}
        KeyCommand::Rotate => drop(identity.rotate_key(&cx).await?),
        KeyCommand::Withdraw { kid, reason } => identity.withdraw_key(&cx, &kid, &reason).await?,
    }
    let all = identity.keys(&cx).await?;
    let row = |k: &Key| {
        serde_json::json!({ "kid": k.kid, "created_at": k.created_at,
            "withdrawn_at": k.withdrawn_at })
    };
    let rows: Vec<serde_json::Value> = all.iter().map(row).collect();
    let signs = all.iter().position(|k| k.withdrawn_at.is_none());
    let line = |(n, k): (usize, &Key)| match k.withdrawn_at {
        Some(at) => format!("{}  withdrawn {at}", k.kid),
        None if signs == Some(n) => format!("{}  signs, made {}", k.kid, k.created_at),
        None => format!("{}  believed, made {}", k.kid, k.created_at),
    };
    let lines: Vec<String> = all.iter().enumerate().map(line).collect();
    say(&c, &serde_json::json!(rows), &lines.join("\n"));
    Ok(())
}

/// Identity, and the context of whoever sits at the machine: an admin by being there.
async fn at_the_desk(c: &Context) -> Result<(Arc<Identity>, Cx), Error> {
    let app = App::build(c.loaded.config.clone(), None).await?;
    let cx = app.house.cx(Principal::of_house("command line", Role::Admin));
    Ok((Arc::clone(&app.identity), cx))
}

async fn whom(c: &Context, username: &str) -> Result<(Arc<Identity>, Cx, UserId), Error> {
    let (identity, cx) = at_the_desk(c).await?;
    let user = service::user_of_name(&cx, username).await?;
    Ok((identity, cx, user.id))
}

fn done(c: &Context, username: &str, what: &str) {
    say(c, &serde_json::json!({ "username": username }), &format!("{username} {what}"));
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
