//! Accounts: four running totals and a rule.

use kernel::ids::Uuid;
use kernel::{Asset, Error, Money, Timestamp, typed_id};
use serde::{Deserialize, Serialize};

typed_id!(AccountId, "a ledger account");

macro_rules! words {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize,
            Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire and in tables.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                Self::ALL.iter().copied().find(|v| v.as_str() == text).ok_or_else(|| {
                    let allowed: Vec<&str> = Self::ALL.iter().map(|v| v.as_str()).collect();
                    Error::invalid(stringify!($name), format!("'{text}' is not allowed"))
                        .with("allowed", allowed)
                })
            }
        }
    };
}
pub(crate) use words;

words!(
    /// What an account is for (chart of accounts).
    Purpose {
        /// Money of the house at a rail or bank.
        HouseCash = "house_cash",
        /// A purchased catalogue.
        CatalogueAsset = "catalogue_asset",
        /// An advance that is recouped.
        AdvanceReceivable = "advance_receivable",
        /// What the house owes a creator.
        CreatorPayable = "creator_payable",
        /// Fees paid.
        Fees = "fees",
        /// Currency exchange.
        Exchange = "exchange",
        /// UNKNOWN and unmatched money.
        Suspense = "suspense",
        /// The owners' capital.
        Equity = "equity",
        /// Royalty and other income.
        Income = "income",
    }
);

words!(
    /// What an account may never do, checked against posted plus pending.
    Rule {
        /// Anything.
        None = "none",
        /// Debits (posted and pending) stay at or below posted credits: a liability that is
        /// never overdrawn.
        DebitsNotExceedCredits = "debits_not_exceed_credits",
        /// Credits (posted and pending) stay at or below posted debits: an asset that is
        /// never overspent.
        CreditsNotExceedDebits = "credits_not_exceed_debits",
    }
);

/// The side on which an account normally has its balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Assets and expenses.
    Debit,
    /// Liabilities, equity and income.
    Credit,
}

impl Purpose {
    /// Where an account of this purpose has its balance.
    pub const fn side(self) -> Side {
        match self {
            Self::HouseCash
            | Self::CatalogueAsset
            | Self::AdvanceReceivable
            | Self::Fees
            | Self::Exchange => Side::Debit,
            Self::CreatorPayable | Self::Suspense | Self::Equity | Self::Income => Side::Credit,
        }
    }
}

/// An account with its running totals, in minor units of its asset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Identifies it.
    pub id: AccountId,
    /// Unique, readable: `house_cash:sandbox_bank:EUR`.
    pub code: String,
    /// For people.
    pub name: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Whose it is, when it is somebody's.
    pub owner: Option<Uuid>,
    /// What it counts.
    pub asset: Asset,
    /// What it may never do.
    pub rule: Rule,
    /// Debits held.
    pub debits_pending: i64,
    /// Debits posted.
    pub debits_posted: i64,
    /// Credits held.
    pub credits_pending: i64,
    /// Credits posted.
    pub credits_posted: i64,
    /// When it was opened.
    pub created_at: Timestamp,
}

impl Account {
    /// A new account without movements.
    pub fn new(id: AccountId, code: &str, purpose: Purpose, asset: Asset) -> Self {
        Self {
            id,
            code: code.to_owned(),
            name: code.to_owned(),
            purpose,
            owner: None,
            asset,
            rule: Rule::None,
            debits_pending: 0,
            debits_posted: 0,
            credits_pending: 0,
            credits_posted: 0,
            created_at: Timestamp::default(),
        }
    }

    /// Posted balance on the account's normal side.
    pub fn balance(&self) -> Money {
        self.on_normal_side(i128::from(self.debits_posted) - i128::from(self.credits_posted))
    }

    /// Balance less what is held: what can still be used.
    pub fn available(&self) -> Money {
        let held = match self.purpose.side() {
            Side::Debit => i128::from(self.credits_pending),
            Side::Credit => -i128::from(self.debits_pending),
        };
        let net = i128::from(self.debits_posted) - i128::from(self.credits_posted);
        self.on_normal_side(net - held)
    }

    /// Debits less credits as money of the normal side. What does not fit an `i64` (totals have
    /// limits, so only a damaged row says so) is its end.
    fn on_normal_side(&self, net: i128) -> Money {
        let signed = if self.purpose.side() == Side::Debit { net } else { -net };
        let end = if signed < 0 { i64::MIN } else { i64::MAX };
        Money::new(i64::try_from(signed).unwrap_or(end), self.asset)
    }

    /// True when the account keeps its rule.
    pub fn keeps_rule(&self) -> bool {
        self.totals().keep(self.rule)
    }

    pub(super) const fn totals(&self) -> Totals {
        Totals {
            debits_pending: self.debits_pending,
            debits_posted: self.debits_posted,
            credits_pending: self.credits_pending,
            credits_posted: self.credits_posted,
        }
    }

    pub(super) const fn set_totals(&mut self, totals: Totals) {
        self.debits_pending = totals.debits_pending;
        self.debits_posted = totals.debits_posted;
        self.credits_pending = totals.credits_pending;
        self.credits_posted = totals.credits_posted;
    }
}

/// The four running totals by themselves: what a step computes before it changes an account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Totals {
    pub(super) debits_pending: i64,
    pub(super) debits_posted: i64,
    pub(super) credits_pending: i64,
    pub(super) credits_posted: i64,
}

impl Totals {
    /// Posted and pending together.
    pub(super) fn debits(self) -> i128 {
        i128::from(self.debits_posted) + i128::from(self.debits_pending)
    }

    /// Posted and pending together.
    pub(super) fn credits(self) -> i128 {
        i128::from(self.credits_posted) + i128::from(self.credits_pending)
    }

    pub(super) fn keep(self, rule: Rule) -> bool {
        let (debits, credits) = (self.debits(), self.credits());
        match rule {
            Rule::None => true,
            Rule::DebitsNotExceedCredits => debits <= i128::from(self.credits_posted),
            Rule::CreditsNotExceedDebits => credits <= i128::from(self.debits_posted),
        }
    }
}
