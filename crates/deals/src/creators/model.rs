//! Creators and recipients, and what their fields may hold.

use kernel::{Error, Timestamp, typed_id};
use serde::{Deserialize, Serialize};

typed_id!(CreatorId, "a creator");
typed_id!(RecipientId, "a payout recipient");

/// Platforms a creator may come from.
pub(crate) const PLATFORMS: [&str; 7] =
    ["spotify", "youtube", "apple_music", "bandcamp", "soundcloud", "beatport", "other"];

/// A creator.
#[derive(Debug, Clone)]
pub struct Creator {
    /// Identifies the creator.
    pub id: CreatorId,
    /// Where the creator publishes.
    pub platform: String,
    /// Identifier there; unique per platform.
    pub platform_id: String,
    /// Name there.
    pub username: String,
    /// Name for people.
    pub display_name: String,
    /// For mail.
    pub email: Option<String>,
    /// Two letters (ISO 3166).
    pub country: Option<String>,
    /// Where the money goes now.
    pub recipient: Option<Recipient>,
    /// When the creator was added.
    pub created_at: Timestamp,
}

/// Where a creator's money goes.
#[derive(Debug, Clone)]
pub struct Recipient {
    /// Identifies the recipient; the only part that events carry.
    pub id: RecipientId,
    /// Name of the account's holder.
    pub holder_name: String,
    /// `iban` or `account_number`.
    pub kind: String,
    /// The account itself.
    pub account: String,
}

impl Recipient {
    /// The account with all but its last four characters hidden.
    pub fn masked(&self) -> String {
        let count = self.account.chars().count();
        let tail: String = self.account.chars().skip(count.saturating_sub(4)).collect();
        format!("•••• {tail}")
    }
}

/// A creator to be added.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCreator {
    /// `spotify`, `youtube`, `apple_music`, `bandcamp`, `soundcloud`, `beatport` or `other`.
    #[schema(
        pattern = "^(spotify|youtube|apple_music|bandcamp|soundcloud|beatport|other)$",
        examples("spotify")
    )]
    pub platform: String,
    /// Identifier there, 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120)]
    pub platform_id: String,
    /// Name there, 1 to 80 characters.
    #[schema(min_length = 1, max_length = 80)]
    pub username: String,
    /// Name for people, 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120)]
    pub display_name: String,
    /// For mail.
    pub email: Option<String>,
    /// Two letters (ISO 3166).
    #[schema(pattern = "^([A-Za-z]{2})?$")]
    pub country: Option<String>,
}

/// Where money shall go from now on.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRecipient {
    /// Name of the account's holder, 1 to 120 characters.
    #[schema(min_length = 1, max_length = 120)]
    pub holder_name: String,
    /// `iban` or `account_number`.
    #[schema(pattern = "^(iban|account_number)$", examples("iban"))]
    pub kind: String,
    /// The account: an IBAN, or 6 to 17 digits.
    #[schema(examples("DE89370400440532013000"))]
    pub account: String,
}

/// Trims a text and checks its length.
pub(crate) fn text(field: &str, value: &str, most: usize) -> Result<String, Error> {
    let value = value.trim();
    let length = value.chars().count();
    if !(1..=most).contains(&length) || value.chars().any(char::is_control) {
        return Err(Error::invalid(
            field,
            format!("{field} has 1 to {most} characters and no control characters"),
        ));
    }
    Ok(value.to_owned())
}

impl NewCreator {
    /// Checks every field.
    ///
    /// # Errors
    /// `Invalid` naming the first field that is not allowed.
    pub fn checked(self) -> Result<Self, Error> {
        if !PLATFORMS.contains(&self.platform.as_str()) {
            return Err(Error::invalid("platform", format!("'{}' is no platform", self.platform))
                .with("allowed", PLATFORMS.to_vec()));
        }
        let email = match self.email.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(e) => {
                let sane = e.split_once('@').is_some_and(|(l, d)| !l.is_empty() && d.contains('.'));
                if !sane || e.len() > 254 || e.chars().any(|c| c.is_control() || c == ' ') {
                    return Err(Error::invalid("email", "this is not an e-mail address"));
                }
                Some(e.to_owned())
            }
        };
        let country = match self.country.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(c) if c.len() == 2 && c.bytes().all(|b| b.is_ascii_alphabetic()) => {
                Some(c.to_ascii_uppercase())
            }
            Some(_) => {
                return Err(Error::invalid("country", "a country is two letters, like SE"));
            }
        };
        Ok(Self {
            platform_id: text("platform_id", &self.platform_id, 120)?,
            username: text("username", &self.username, 80)?,
            display_name: text("display_name", &self.display_name, 120)?,
            platform: self.platform,
            email,
            country,
        })
    }
}

impl NewRecipient {
    /// Checks every field; an IBAN's check digits included (ISO 13616).
    ///
    /// # Errors
    /// `Invalid` naming the field.
    pub fn checked(self) -> Result<Self, Error> {
        let holder_name = text("holder_name", &self.holder_name, 120)?;
        let account: String =
            self.account.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        match self.kind.as_str() {
            "iban" if !is_iban(&account) => Err(Error::invalid(
                "account",
                "this is not an IBAN (its check digits do not fit, or a character is wrong)",
            )),
            "account_number"
                if !(6..=17).contains(&account.len())
                    || !account.bytes().all(|b| b.is_ascii_digit()) =>
            {
                Err(Error::invalid("account", "an account number has 6 to 17 digits"))
            }
            "iban" | "account_number" => Ok(Self { holder_name, kind: self.kind, account }),
            other => Err(Error::invalid("kind", format!("'{other}' is not allowed"))
                .with("allowed", vec!["iban", "account_number"])),
        }
    }
}

/// The remainder test of ISO 13616: move four characters to the end, letters are 10 to 35,
/// the number modulo 97 is 1.
fn is_iban(text: &str) -> bool {
    if !(15..=34).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    let (head, tail) = text.split_at(4);
    let remainder = tail.chars().chain(head.chars()).try_fold(0_u32, |r, c| {
        let digit = c.to_digit(36)?;
        Some(if digit < 10 { (r * 10 + digit) % 97 } else { (r * 100 + digit) % 97 })
    });
    remainder == Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ibans_are_checked() {
        assert!(is_iban("DE89370400440532013000"));
        assert!(is_iban("DE62370400440532013001"));
        assert!(!is_iban("DE89370400440532013001"));
        assert!(!is_iban("DE89"));
        assert!(!is_iban("DE8937040044053201300é"));
    }

    #[test]
    fn a_mask_shows_only_the_end() {
        let r = Recipient {
            id: RecipientId(kernel::ids::Uuid::nil()),
            holder_name: "A".into(),
            kind: "iban".into(),
            account: "DE89370400440532013000".into(),
        };
        assert_eq!(r.masked(), "•••• 3000");
    }
}
