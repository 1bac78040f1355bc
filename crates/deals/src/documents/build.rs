//! From a deal to what its documents say.

use kernel::{Error, Timestamp};

use super::typeset::{self, Acceptance, House, Paid, Party, Receipt, StatementLine, TermSheet};
use crate::creators::Creator;
use crate::offers::{Language, Offer, OfferKind};
use crate::statements::Statement;
use crate::valuation::model::{Deal, Valuation};

/// Letter head of every document.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct HouseName {
    /// Name of the house.
    pub name: String,
    /// Address and registration, a line each.
    pub lines: Vec<String>,
}

impl From<&HouseName> for House {
    fn from(h: &HouseName) -> Self {
        Self { name: h.name.clone(), lines: h.lines.clone() }
    }
}

pub(crate) fn language(l: Language) -> typeset::Language {
    match l {
        Language::En => typeset::Language::En,
        Language::Sv => typeset::Language::Sv,
    }
}

fn party(c: &Creator) -> Party {
    let platform = match c.platform.as_str() {
        "spotify" => "Spotify",
        "youtube" => "YouTube",
        "apple_music" => "Apple Music",
        "bandcamp" => "Bandcamp",
        "soundcloud" => "SoundCloud",
        "beatport" => "Beatport",
        _ => "Other",
    };
    Party {
        display_name: c.display_name.clone(),
        username: c.username.clone(),
        platform: platform.into(),
        country: c.country.clone().unwrap_or_default(),
    }
}

/// The kind of deal in the model's words.
pub(crate) const fn deal(kind: OfferKind) -> Deal {
    match kind {
        OfferKind::Purchase => Deal::Purchase,
        OfferKind::Advance => Deal::Advance,
    }
}

/// Typesets the term sheet of an offer that has just been valued.
///
/// # Errors
/// `Internal` when Typst refuses.
pub fn term_sheet(
    house: &HouseName,
    offer: &Offer,
    creator: &Creator,
    statements: &[Statement],
    valuation: &Valuation,
    now: Timestamp,
) -> Result<Vec<u8>, Error> {
    let lines = statements
        .iter()
        .map(|s| StatementLine {
            file_name: s.file_name.clone(),
            format_name: s.format_name.clone().unwrap_or_default(),
            period: s.period,
            rows: u64::try_from(s.rows).unwrap_or(0),
            total: s.total.unwrap_or_default(),
            sha256: s.sha256.clone(),
        })
        .collect();
    let sheet = TermSheet {
        house: house.into(),
        number: format!("K-{}", offer.number),
        date: now,
        expires: offer.expires_at,
        terms_version: crate::offers_terms_version().into(),
        creator: party(creator),
        title: offer.title.clone(),
        description: offer.description.clone(),
        requested: offer.requested.map(|r| offer.money(r)),
        offered: offer.offered.map_or(valuation.median, |o| offer.money(o)),
        works: offer.works.clone(),
        valuation: valuation.clone(),
        statements: lines,
    };
    Ok(typeset::term_sheet(&sheet, language(offer.language))?)
}

/// How the money of a deal went.
#[derive(Debug, Clone)]
pub struct Payment {
    /// Rail in plain words.
    pub rail: String,
    /// The rail's own reference.
    pub reference: String,
    /// Holder of the account.
    pub holder_name: String,
    /// Masked account.
    pub account_masked: String,
    /// When the rail confirmed it.
    pub at: Timestamp,
    /// The ledger's transfer.
    pub transfer: String,
}

/// Typesets the receipt of a paid deal.
///
/// # Errors
/// `Internal` when the deal was never accepted, or Typst refuses.
pub fn receipt(
    house: &HouseName,
    offer: &Offer,
    creator: &Creator,
    payment: &Payment,
) -> Result<Vec<u8>, Error> {
    let yes = offer
        .acceptance
        .as_ref()
        .ok_or_else(|| Error::internal("a paid deal without an acceptance"))?;
    let receipt = Receipt {
        house: house.into(),
        number: format!("K-{}-R", offer.number),
        offer_number: format!("K-{}", offer.number),
        date: payment.at,
        creator: party(creator),
        title: offer.title.clone(),
        kind: deal(offer.kind),
        share_bp: u32::try_from(offer.share_bp).unwrap_or(0),
        term_years: offer.term_years.and_then(|t| u32::try_from(t).ok()),
        amount: yes.amount,
        acceptance: Acceptance {
            typed_name: yes.typed_name.clone(),
            at: yes.at,
            term_sheet_sha256: yes.term_sheet_sha256.clone(),
            terms_version: yes.terms_version.clone(),
        },
        paid: Paid {
            rail: payment.rail.clone(),
            reference: payment.reference.clone(),
            holder_name: payment.holder_name.clone(),
            account_masked: payment.account_masked.clone(),
            at: payment.at,
            ledger_transfer: payment.transfer.clone(),
        },
    };
    Ok(typeset::receipt(&receipt, language(offer.language))?)
}
