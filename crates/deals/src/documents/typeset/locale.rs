//! Numbers, dates and money as English and Swedish readers write them.

use kernel::{Exact, Money, Month, Timestamp};
use serde::{Deserialize, Serialize};

/// Language of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DocumentLanguage)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Swedish.
    Sv,
}

const MONTHS: [[&str; 12]; 2] = [
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    [
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ],
];

impl Language {
    /// `en` or `sv`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Sv => "sv",
        }
    }

    const fn separators(self) -> (char, char) {
        match self {
            Self::En => (',', '.'),
            Self::Sv => ('\u{a0}', ','),
        }
    }

    /// A decimal text with thousands separators: `12,400.00`, `12 400,00`.
    pub fn decimal(self, text: &str) -> String {
        let (group, point) = self.separators();
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => ("\u{2212}", rest),
            None => ("", text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut out = sign.to_owned();
        for (i, c) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                out.push(group);
            }
            out.push(c);
        }
        if !fraction.is_empty() {
            out.push(point);
            out.push_str(fraction);
        }
        out
    }

    /// A whole number with thousands separators.
    pub fn count(self, number: impl Into<i128>) -> String {
        self.decimal(&number.into().to_string())
    }

    /// `EUR 12,400.00`, `12 400,00 EUR`.
    pub fn money(self, money: Money) -> String {
        let amount = self.decimal(&money.amount_text());
        match self {
            Self::En => format!("{}\u{a0}{amount}", money.asset),
            Self::Sv => format!("{amount}\u{a0}{}", money.asset),
        }
    }

    /// An exact amount with all its digits.
    pub fn exact(self, amount: Exact) -> String {
        self.decimal(&amount.to_string())
    }

    /// Basis points as percent: `12.5%`, `12,5 %`.
    pub fn percent(self, bp: i64) -> String {
        let whole = bp / 100;
        let rest = format!("{:02}", (bp % 100).abs());
        let rest = rest.trim_end_matches('0');
        let sign = if bp < 0 && whole == 0 { "-" } else { "" };
        let text = if rest.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{rest}")
        };
        match self {
            Self::En => format!("{}%", self.decimal(&text)),
            Self::Sv => format!("{}\u{a0}%", self.decimal(&text)),
        }
    }

    /// `21 November 2026`, `21 november 2026`.
    pub fn date(self, at: Timestamp) -> String {
        let text = at.to_string();
        let day = text.get(8..10).unwrap_or("1").trim_start_matches('0');
        format!("{day}\u{a0}{}\u{a0}{}", self.month_name(at.month()), at.month().year())
    }

    /// `21 November 2026, 14:05 UTC`.
    pub fn moment(self, at: Timestamp) -> String {
        let text = at.to_string();
        format!("{}, {}\u{a0}UTC", self.date(at), text.get(11..16).unwrap_or("00:00"))
    }

    /// `March 2024`, `mars 2024`.
    pub fn month(self, month: Month) -> String {
        format!("{}\u{a0}{}", self.month_name(month), month.year())
    }

    /// `Mar 2024`, `mars 2024`.
    pub fn short_month(self, month: Month) -> String {
        let name: String = match self {
            Self::En => self.month_name(month).chars().take(3).collect(),
            Self::Sv if self.month_name(month).chars().count() > 4 => {
                self.month_name(month).chars().take(3).collect::<String>() + "."
            }
            Self::Sv => self.month_name(month).to_owned(),
        };
        format!("{name}\u{a0}{}", month.year())
    }

    fn month_name(self, month: Month) -> &'static str {
        let at = month.month().saturating_sub(1) as usize;
        MONTHS[usize::from(self == Self::Sv)].get(at).copied().unwrap_or("")
    }
}
