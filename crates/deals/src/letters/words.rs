//! The words of letters: one text for each kind and language, from which the HTML is made.

use kernel::Error;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::{Deserialize, Serialize};

use crate::documents::typeset::Language;

/// What a letter is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// A link that logs its reader in.
    MagicLink,
    /// An offer can be accepted.
    OfferReady,
    /// Money was paid.
    Paid,
}

impl LetterKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::MagicLink, Self::OfferReady, Self::Paid];

    /// `magic_link`, `offer_ready` or `paid`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MagicLink => "magic_link",
            Self::OfferReady => "offer_ready",
            Self::Paid => "paid",
        }
    }

    /// The text: first line the subject, a paragraph that ends in the link becomes its button.
    const fn template(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::MagicLink, Language::En) => include_str!("words/magic_link.en.txt"),
            (Self::MagicLink, Language::Sv) => include_str!("words/magic_link.sv.txt"),
            (Self::OfferReady, Language::En) => include_str!("words/offer_ready.en.txt"),
            (Self::OfferReady, Language::Sv) => include_str!("words/offer_ready.sv.txt"),
            (Self::Paid, Language::En) => include_str!("words/paid.en.txt"),
            (Self::Paid, Language::Sv) => include_str!("words/paid.sv.txt"),
        }
    }
}

/// What the words need. What a kind does not speak of is empty.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Words {
    /// The house's name.
    pub house: String,
    /// The reader's name.
    pub name: String,
    /// Title of the offer.
    pub title: String,
    /// Money, as the reader writes it.
    pub amount: String,
    /// A moment, as the reader writes it.
    pub until: String,
    /// Where the letter leads.
    pub link: String,
}

/// A letter in words.
#[derive(Debug)]
pub(crate) struct Rendered {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

/// A paragraph of the HTML: words, or the button of the link.
#[derive(Serialize)]
struct Paragraph<'a> {
    words: &'a str,
    button: bool,
}

/// What the HTML needs.
#[derive(Serialize)]
struct Page<'a> {
    language: &'static str,
    subject: &'a str,
    paragraphs: Vec<Paragraph<'a>>,
    link: &'a str,
}

/// Writes a letter.
///
/// # Errors
/// `Internal` when a template is wrong, which a test excludes.
pub(crate) fn render(
    kind: LetterKind,
    language: Language,
    words: &Words,
) -> Result<Rendered, Error> {
    let wrong = |e: minijinja::Error| Error::internal("a letter's template").caused_by(e);
    let mut pages = Environment::new();
    pages.set_undefined_behavior(UndefinedBehavior::Strict);
    pages.set_auto_escape_callback(|name| match name {
        "html" => AutoEscape::Html,
        _ => AutoEscape::None,
    });
    let filled = pages.render_named_str("text", kind.template(language), words).map_err(wrong)?;
    let (subject, text) = filled.split_once('\n').unwrap_or((&filled, ""));
    let text = text.trim();
    let paragraphs: Vec<Paragraph<'_>> = text
        .split("\n\n")
        .map(|p| match p.strip_suffix(&words.link).and_then(|label| label.strip_suffix(": ")) {
            Some(label) => Paragraph { words: label, button: true },
            None => Paragraph { words: p, button: false },
        })
        .collect();
    let page =
        Page { language: language.code(), subject: subject.trim(), paragraphs, link: &words.link };
    let html = pages.render_named_str("html", include_str!("words/letter.html"), &page);
    Ok(Rendered {
        subject: subject.trim().to_owned(),
        text: format!("{text}\n"),
        html: html.map_err(wrong)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        Words {
            house: "Räntan & Co".into(),
            name: "Maja <b>Lind</b>".into(),
            title: "Tidvatten".into(),
            amount: "12\u{a0}400,00\u{a0}EUR".into(),
            until: "21 november 2026".into(),
            link: "https://house.example/my".into(),
        }
    }

    #[test]
    fn every_letter_says_everything_in_both_forms() {
        for kind in LetterKind::ALL {
            for language in [Language::En, Language::Sv] {
                let letter = render(kind, language, &words()).unwrap();
                let name = format!("{} {}", kind.as_str(), language.code());
                assert!(!letter.subject.is_empty() && !letter.subject.contains('{'), "{name}");
                assert!(letter.text.contains("Maja <b>Lind</b>"), "{name}: {}", letter.text);
                assert!(letter.text.contains(": https://house.example/my\n"), "{name}");
                assert!(letter.html.contains("Maja &lt;b&gt;Lind"), "{name}: {}", letter.html);
                assert!(letter.html.contains("Räntan &amp; Co"), "{name}");
                let button = letter.html.matches("href=\"https:").count();
                assert_eq!(button, 1, "{name}: {}", letter.html);
                assert!(letter.html.contains(&format!("lang=\"{}\"", language.code())), "{name}");
                if kind == LetterKind::MagicLink {
                    continue;
                }
                assert!(letter.text.contains("Tidvatten"), "{name}");
                assert!(letter.html.contains("12\u{a0}400,00\u{a0}EUR"), "{name}");
            }
        }
    }

    #[test]
    fn a_letter_is_in_the_language_of_the_offer() {
        let subject = |l| render(LetterKind::OfferReady, l, &words()).unwrap().subject;
        assert_eq!(subject(Language::En), "Your offer for Tidvatten is ready");
        assert_eq!(subject(Language::Sv), "Ditt erbjudande för Tidvatten är klart");
    }
}
