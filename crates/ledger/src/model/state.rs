//! The part of the ledger that a batch touches, and the one function that changes it.

use std::collections::HashMap;

use kernel::{Money, Timestamp};

use super::account::{Account, AccountId};
use super::refusal::Refusal;
use super::transfer::{Action, Transfer, TransferId};

/// Posted and pending of one side of an account together, minor units at most. A new movement
/// that would go beyond is refused; what is held can always still be posted or released, because
/// twice this fits an `i64`.
pub const MOST_TOTAL: i64 = 4_000_000_000_000_000_000;

/// Where a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldState {
    /// Money is held.
    Open,
    /// Posted, all or a part.
    Posted,
    /// Released by a void.
    Voided,
    /// Released because its time was over.
    Expired,
}

impl HoldState {
    /// The word in tables and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Posted => "posted",
            Self::Voided => "voided",
            Self::Expired => "expired",
        }
    }
}

/// The life of a pending transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// Where it stands.
    pub state: HoldState,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// What resolved it.
    pub resolved_by: Option<TransferId>,
}

/// What the ledger already knows about an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// It was applied.
    Applied(Transfer),
    /// It was refused with this code; the content it had.
    Failed {
        /// Code of the refusal.
        code: String,
        /// See [`Transfer::content`].
        content: String,
    },
}

/// What happened to one transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It is new.
    New,
    /// It was there before, with the same content: nothing changed.
    Again,
}

/// Outcome of one transfer of a batch.
pub type Outcome = Result<Applied, Refusal>;

/// Accounts, known transfers and holds.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Accounts by identifier.
    pub accounts: HashMap<AccountId, Account>,
    /// Identifiers that were used before.
    pub known: HashMap<TransferId, Known>,
    /// Holds by the pending transfer's identifier.
    pub holds: HashMap<TransferId, Hold>,
}

impl State {
    /// Applies one transfer, or refuses it and changes nothing but the memory that this
    /// identifier failed.
    ///
    /// # Errors
    /// The [`Refusal`].
    pub fn apply(&mut self, t: &Transfer) -> Outcome {
        match self.known.get(&t.id) {
            Some(Known::Applied(before)) => {
                return t
                    .differs_in(before)
                    .map_or(Ok(Applied::Again), |field| Err(Refusal::IdReused(field)));
            }
            Some(Known::Failed { code, content }) => {
                let same = *content == t.content();
                return Err(if same {
                    Refusal::AlreadyFailed(code.clone())
                } else {
                    Refusal::IdReused("content")
                });
            }
            None => {}
        }
        match self.change(t) {
            Ok(()) => {
                self.known.insert(t.id, Known::Applied(t.clone()));
                Ok(Applied::New)
            }
            Err(refusal) => {
                let failed =
                    Known::Failed { code: refusal.code().to_owned(), content: t.content() };
                self.known.insert(t.id, failed);
                Err(refusal)
            }
        }
    }

    /// Applies transfers that belong together: all of them, or none. The refusal names its
    /// place in the list.
    ///
    /// # Errors
    /// Index and [`Refusal`] of the first that was refused.
    pub fn apply_linked(
        &mut self,
        transfers: &[Transfer],
    ) -> Result<Vec<Applied>, (usize, Refusal)> {
        let mut trial = self.clone_touched(transfers);
        trial.known.reserve(transfers.len());
        let mut applied = Vec::with_capacity(transfers.len());
        for (i, t) in transfers.iter().enumerate() {
            match trial.apply(t) {
                Ok(a) => applied.push(a),
                Err(refusal) => return Err((i, refusal)),
            }
        }
        self.accounts.extend(trial.accounts);
        self.known.extend(trial.known);
        self.holds.extend(trial.holds);
        Ok(applied)
    }

    /// A copy of just what `transfers` can touch.
    fn clone_touched(&self, transfers: &[Transfer]) -> Self {
        let mut copy = Self::default();
        for t in transfers {
            for id in [t.debit, t.credit] {
                if let Some(a) = self.accounts.get(&id) {
                    copy.accounts.entry(id).or_insert_with(|| a.clone());
                }
            }
            for id in std::iter::once(t.id).chain(t.action.resolves()) {
                if let Some(k) = self.known.get(&id) {
                    copy.known.insert(id, k.clone());
                }
                if let Some(h) = self.holds.get(&id) {
                    copy.holds.insert(id, *h);
                }
            }
        }
        copy
    }

    fn change(&mut self, t: &Transfer) -> Result<(), Refusal> {
        self.check_shape(t)?;
        match t.action {
            Action::Single => self.move_amounts(t, Column::Posted, t.amount, 0),
            Action::Pending { expires_at } => {
                self.move_amounts(t, Column::Pending, t.amount, 0)?;
                let hold = Hold { state: HoldState::Open, expires_at, resolved_by: None };
                self.holds.insert(t.id, hold);
                Ok(())
            }
            Action::Post { pending } => {
                let held = self.open_hold(t, pending)?;
                if self.holds[&pending].expires_at.is_some_and(|e| e <= t.at) {
                    return Err(Refusal::HoldExpired);
                }
                if t.amount > held {
                    return Err(Refusal::MoreThanHeld { held });
                }
                self.move_amounts(t, Column::Posted, t.amount, held)?;
                self.resolve(pending, t.id, HoldState::Posted);
                Ok(())
            }
            Action::Void { pending } => {
                let held = self.open_hold(t, pending)?;
                self.move_amounts(t, Column::Posted, 0, held)?;
                self.resolve(pending, t.id, HoldState::Voided);
                Ok(())
            }
            Action::Expire { pending } => {
                let held = self.open_hold(t, pending)?;
                let over = self.holds[&pending].expires_at.is_some_and(|e| e <= t.at);
                if !over {
                    return Err(Refusal::NotExpired);
                }
                self.move_amounts(t, Column::Posted, 0, held)?;
                self.resolve(pending, t.id, HoldState::Expired);
                Ok(())
            }
        }
    }

    fn check_shape(&self, t: &Transfer) -> Result<(), Refusal> {
        let zero_allowed = matches!(t.action, Action::Void { .. } | Action::Expire { .. });
        if t.amount < 0 || (t.amount == 0) != zero_allowed {
            return Err(Refusal::Amount("must be above zero"));
        }
        if t.amount > Money::MOST {
            return Err(Refusal::Amount("is more than one transfer may move"));
        }
        if t.debit == t.credit {
            return Err(Refusal::SameAccount);
        }
        let debit = self.accounts.get(&t.debit).ok_or(Refusal::NoAccount(t.debit))?;
        let credit = self.accounts.get(&t.credit).ok_or(Refusal::NoAccount(t.credit))?;
        if debit.asset != credit.asset {
            return Err(Refusal::OtherAsset);
        }
        Ok(())
    }

    /// The amount that the hold still has, when `t` may resolve it.
    fn open_hold(&self, t: &Transfer, pending: TransferId) -> Result<i64, Refusal> {
        let hold = self.holds.get(&pending).ok_or(Refusal::NoHold(pending))?;
        let Some(Known::Applied(held)) = self.known.get(&pending) else {
            return Err(Refusal::NoHold(pending));
        };
        if hold.state != HoldState::Open {
            return Err(Refusal::HoldResolved(hold.state.as_str()));
        }
        if (held.debit, held.credit) != (t.debit, t.credit) {
            return Err(Refusal::HoldAccounts);
        }
        Ok(held.amount)
    }

    fn resolve(&mut self, pending: TransferId, by: TransferId, state: HoldState) {
        if let Some(hold) = self.holds.get_mut(&pending) {
            hold.state = state;
            hold.resolved_by = Some(by);
        }
    }

    /// Releases `release` from both accounts' pending totals and adds `amount` to `column`,
    /// after checking both rules; changes both accounts or neither.
    fn move_amounts(
        &mut self,
        t: &Transfer,
        column: Column,
        amount: i64,
        release: i64,
    ) -> Result<(), Refusal> {
        let too_large = Refusal::Amount("is too large for the account's totals");
        let before = [&self.accounts[&t.debit], &self.accounts[&t.credit]];
        let [mut debit, mut credit] = before.map(Account::totals);
        debit.debits_pending -= release;
        credit.credits_pending -= release;
        let (d, c) = match column {
            Column::Posted => (&mut debit.debits_posted, &mut credit.credits_posted),
            Column::Pending => (&mut debit.debits_pending, &mut credit.credits_pending),
        };
        *d = d.checked_add(amount).ok_or_else(|| too_large.clone())?;
        *c = c.checked_add(amount).ok_or_else(|| too_large.clone())?;
        // What was held counts in these sums already, so posting it never meets the limit.
        if release == 0
            && (debit.debits() > MOST_TOTAL.into() || credit.credits() > MOST_TOTAL.into())
        {
            return Err(too_large);
        }
        for (before, after) in before.into_iter().zip([debit, credit]) {
            // Releasing a hold can only make room, so a rule is asked when something is added.
            if amount > 0 && !after.keep(before.rule) {
                return Err(Refusal::Rule {
                    code: before.code.clone(),
                    available: before.available().minor,
                });
            }
        }
        assert!(
            debit.debits_pending >= 0 && credit.credits_pending >= 0,
            "a hold was released twice"
        );
        for (id, totals) in [(t.debit, debit), (t.credit, credit)] {
            if let Some(account) = self.accounts.get_mut(&id) {
                account.set_totals(totals);
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Column {
    Posted,
    Pending,
}
