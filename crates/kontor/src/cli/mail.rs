//! `kontor mail sample`: a letter to look at.

use clap::{Subcommand, ValueEnum};
use deals::documents::typeset::Language;
use deals::letters::{LetterKind, Sample, send_sample};
use kernel::Error;

use super::{Context, say};
use crate::wiring;

#[derive(Subcommand)]
pub(super) enum MailCommand {
    /// Send a letter with made-up words, to see that mail works and how it looks.
    Sample {
        /// Address.
        #[arg(long)]
        to: String,
        /// What it is about.
        #[arg(long, default_value = "offer-ready")]
        letter: About,
        /// Its language.
        #[arg(long, default_value = "en")]
        language: Tongue,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum About {
    MagicLink,
    OfferReady,
    Paid,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Tongue {
    En,
    Sv,
}

pub(super) async fn run(c: Context, command: MailCommand) -> Result<(), Error> {
    let MailCommand::Sample { to, letter, language } = command;
    let config = &c.loaded.config;
    let kind = match letter {
        About::MagicLink => LetterKind::MagicLink,
        About::OfferReady => LetterKind::OfferReady,
        About::Paid => LetterKind::Paid,
    };
    let language = match language {
        Tongue::En => Language::En,
        Tongue::Sv => Language::Sv,
    };
    let post = wiring::post(config)?;
    let sample = Sample { to: to.clone(), kind, language };
    send_sample(&config.house_name(), &post, sample).await?;
    let logged = config.mail.url.is_empty();
    let text = if logged {
        "mail.url is empty: the letter is in the log only".to_owned()
    } else {
        format!("the mail server took the letter to {to}")
    };
    say(&c, &serde_json::json!({ "sent": !logged, "letter": kind, "to": to }), &text);
    Ok(())
}
