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
    /// Checks every field; an IBAN by the register of its country (ISO 13616): whether there is
    /// such a country, its length, its letters and digits, its check digits and the country's own.
    ///
    /// # Errors
    /// `Invalid` naming the field.
    pub fn checked(self) -> Result<Self, Error> {
        let holder_name = text("holder_name", &self.holder_name, 120)?;
        if !holder_name.chars().any(char::is_alphabetic) {
            return Err(Error::invalid("holder_name", "a holder's name has letters"));
        }
        let account: String =
            self.account.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
        match self.kind.as_str() {
            "iban" => checked_iban(&account)?,
            "account_number" => checked_number(&account)?,
            other => {
                return Err(Error::invalid("kind", format!("'{other}' is not allowed"))
                    .with("allowed", vec!["iban", "account_number"]));
            }
        }
        Ok(Self { holder_name, kind: self.kind, account })
    }
}

fn checked_iban(account: &str) -> Result<(), Error> {
    use iban::{ParseBaseIbanError as Base, ParseIbanError as Wrong};
    let shown: String = account.chars().take(2).collect();
    let why = match account.parse::<iban::Iban>() {
        Ok(_) if super::national::fits(account) => return Ok(()),
        Ok(_) => format!("the account number's own check digits, which {shown} has, do not fit"),
        Err(Wrong::InvalidBaseIban { source: Base::InvalidChecksum }) => {
            "its check digits do not fit: a character is wrong, missing, or in another's place"
                .to_owned()
        }
        Err(Wrong::InvalidBaseIban { source: Base::InvalidFormat }) => {
            "an IBAN is two letters for the country, two check digits, and up to 30 letters and \
             digits"
                .to_owned()
        }
        Err(Wrong::UnknownCountry(_)) => format!("no country has IBANs that begin with {shown}"),
        Err(Wrong::InvalidBban(_)) => {
            format!("an IBAN of {shown} has another length, or other letters and digits")
        }
    };
    Err(Error::invalid("account", format!("this is not an IBAN: {why}")))
}

/// All that can be known of a number whose bank is not known.
fn checked_number(account: &str) -> Result<(), Error> {
    let digits = account.bytes().all(|b| b.is_ascii_digit());
    if !(6..=17).contains(&account.len()) || !digits {
        return Err(Error::invalid("account", "an account number has 6 to 17 digits"));
    }
    if account.bytes().all(|b| b == b'0') {
        return Err(Error::invalid("account", "no account has a number of zeros only"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipient(kind: &str, account: &str) -> Result<NewRecipient, Error> {
        let (holder_name, kind) = ("Maja Lind".to_owned(), kind.to_owned());
        NewRecipient { holder_name, kind, account: account.to_owned() }.checked()
    }

    #[test]
    fn ibans_that_can_be_are_taken() {
        for good in [
            "DE89 3704 0044 0532 0130 00",
            "de62370400440532013001",
            "SE4550000000058398257466",
            "GB82WEST12345698765432",
            "NO9386011117947",
            "MT84MALT011000012345MTLCAST001S",
            "FR1420041010050500013M02606",
        ] {
            assert!(recipient("iban", good).is_ok(), "{good} was refused");
        }
    }

    /// Most of them have check digits that fit: those alone prove nothing.
    #[test]
    fn ibans_that_cannot_be_are_refused_with_the_reason() {
        let with_check = |country: &str, bban: &str| {
            let turned: String = format!("{bban}{country}00");
            let remainder = turned.chars().fold(0_u32, |r, c| {
                let d = c.to_digit(36).unwrap();
                if d < 10 { (r * 10 + d) % 97 } else { (r * 100 + d) % 97 }
            });
            format!("{country}{:02}{bban}", 98 - remainder)
        };
        for (bad, why) in [
            ("DE89370400440532013001".to_owned(), "check digits"),
            (with_check("XX", "370400440532013000"), "no country"),
            (with_check("US", "370400440532013000"), "no country"),
            (with_check("DE", "37040044053201300"), "another length"),
            (with_check("DE", "3704004405320130001"), "another length"),
            (with_check("DE", "37040044053201300A"), "letters"),
            (with_check("GB", "1234123456987654AB"), "letters"),
            (with_check("NO", "8601111794A"), "letters"),
            (with_check("BE", "539007547035"), "own check digits"),
            (with_check("IT", "Y0542811101000000123456"), "own check digits"),
            (with_check("NO", "86011117948"), "own check digits"),
            ("DE89".to_owned(), "IBAN"),
            ("DE8937040044053201300é".to_owned(), "IBAN"),
            (String::new(), "IBAN"),
        ] {
            let e = recipient("iban", &bad).unwrap_err();
            assert!(e.message.contains(why), "{bad}: {}", e.message);
            assert_eq!(e.details.unwrap()["field"], "account");
        }
    }

    #[test]
    fn account_numbers_are_checked_as_far_as_can_be_known() {
        assert!(recipient("account_number", "000123456789").is_ok());
        for bad in ["12345", "123456789012345678", "12345A", "000000000", ""] {
            assert!(recipient("account_number", bad).is_err(), "{bad} was taken");
        }
        assert_eq!(
            recipient("card", "4242424242424242").unwrap_err().details.unwrap()["field"],
            "kind"
        );
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
