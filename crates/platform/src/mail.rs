//! Mail: to the log, or by SMTP.
//!
//! A letter is sent by a job, so it may be sent twice after a crash: its Message-ID says that it
//! is the same letter.

use std::sync::Arc;

use async_trait::async_trait;
use kernel::{Error, Kind};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use serde::Deserialize;

/// Settings of mail.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Empty: letters are logged, not sent. `smtp://host:port`, with `?tls=required` for
    /// STARTTLS, or `smtps://host`.
    pub url: String,
    /// The user, when the server wants one.
    pub user: String,
    /// File with the password.
    pub password_file: String,
    /// Who it comes from: `Name <address>`.
    pub from: String,
}

/// A letter.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Names it for good: the same letter has the same name at every try.
    pub id: String,
    /// Address.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same in HTML.
    pub html: String,
}

/// The port.
#[async_trait]
pub trait Mail: Send + Sync {
    /// Sends a letter: it is with the server when this answers.
    ///
    /// # Errors
    /// `mail_unavailable` when trying again may help, `mail_refused` when the address or the
    /// letter is refused for good.
    async fn send(&self, letter: &Letter) -> Result<(), Error>;

    /// Whether it would take letters now; nothing is sent. `None` when there is no server.
    async fn look(&self) -> Option<Result<(), Error>>;
}

/// The mail that is configured; nothing is contacted yet.
///
/// # Errors
/// `Invalid` naming the setting that is wrong.
pub fn open(config: &Config) -> Result<Arc<dyn Mail>, Error> {
    if config.url.is_empty() {
        return Ok(Arc::new(Logged));
    }
    Ok(Arc::new(Smtp::open(config)?))
}

/// The embedded default: what would be sent is in the log, without its text.
pub struct Logged;

#[async_trait]
impl Mail for Logged {
    async fn send(&self, letter: &Letter) -> Result<(), Error> {
        let domain = letter.to.rsplit('@').next().unwrap_or_default();
        tracing::info!(id = letter.id, to = %format!("***@{domain}"), subject = letter.subject,
            "a letter (mail.url is empty: it is not sent)");
        Ok(())
    }

    async fn look(&self) -> Option<Result<(), Error>> {
        None
    }
}

/// A mail server.
struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    fn open(config: &Config) -> Result<Self, Error> {
        crate::outbound::install_tls();
        let wrong =
            |e: smtp::Error| Error::invalid("mail.url", format!("smtp://host:port is wanted: {e}"));
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(&config.url).map_err(wrong)?;
        if !config.user.is_empty() {
            let password = std::fs::read_to_string(&config.password_file).map_err(|e| {
                let text = format!("{} cannot be read: {e}", config.password_file);
                Error::invalid("mail.password_file", text)
            })?;
            let password = password.trim_end().to_owned();
            builder = builder.credentials((config.user.clone(), password).into());
        }
        let from = config
            .from
            .parse()
            .map_err(|e| Error::invalid("mail.from", format!("'Name <address>' is wanted: {e}")))?;
        let timeout = Some(std::time::Duration::from_secs(15));
        Ok(Self { transport: builder.timeout(timeout).build(), from })
    }
}

#[async_trait]
impl Mail for Smtp {
    async fn send(&self, letter: &Letter) -> Result<(), Error> {
        let refused = |why: String| Error::conflict("mail_refused", why);
        let to: Mailbox =
            letter.to.parse().map_err(|e| refused(format!("the address is no address: {e}")))?;
        let domain = self.from.email.domain();
        let message = Message::builder()
            .message_id(Some(format!("<{}@{domain}>", letter.id)))
            .from(self.from.clone())
            .to(to)
            .subject(&letter.subject)
            .multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()))
            .map_err(|e| refused(format!("the letter cannot be written: {e}")))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(e) if e.is_permanent() && !is_about_us(&e) => {
                Err(refused("the mail server refuses the letter".into()).caused_by(e))
            }
            Err(e) => Err(unavailable("they are sent later").caused_by(e)),
        }
    }

    async fn look(&self) -> Option<Result<(), Error>> {
        Some(match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(unavailable("it closed the connection")),
            Err(e) => Err(unavailable("no connection").caused_by(e)),
        })
    }
}

/// Whether the server refuses the house's own login (RFC 4954), not the letter: that is mended by
/// an operator, and the letter waits.
fn is_about_us(e: &smtp::Error) -> bool {
    e.status().is_some_and(|code| matches!(&*code.to_string(), "530" | "534" | "535" | "538"))
}

fn unavailable(more: &str) -> Error {
    let text = format!("the mail server does not take letters now: {more}");
    Error::new(Kind::Unavailable, "mail_unavailable", text)
}
