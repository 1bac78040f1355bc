//! The kinds of rows that a file has, by the values of the columns that tell them: which are
//! left out, and which only a person can judge.

use kernel::Exact;
use rustc_hash::FxHashMap;

use super::sums::ADDS_UP;
use super::{Intake, Skipped, Verdict};
use crate::statements::reader::amounts;
use crate::statements::reader::cells::Memo;
use crate::statements::reader::formats;
use crate::statements::reader::income::{self, Kind, Teller};
use crate::statements::reader::records::Row;
use crate::statements::reader::types::{Question, RowAnswer, RowKind};
use crate::statements::reader::values;

/// Values of one column that are told apart; the others are one.
const APART: usize = 200;
/// Values of a column of sentences by which it may be one of kinds.
const LOOKED_AT: u32 = 2_000;
/// Values that one question lists for a column; the others are one.
const LISTED: usize = 30;
/// Values that a warning names.
const NAMED: usize = 5;
/// Stands for every other value of a column.
const OTHERS: &str = "*";
/// What stands for the value where a column says how much was taken back.
const TAKEN_BACK: [&str; 2] = ["taken back in full", "taken back in part"];
/// What stands for the value where amounts are on the debit side of the account.
const DEBIT: &str = "debit";
/// No value to be remembered.
const NONE: u16 = u16::MAX;

/// What a person said of kinds of rows.
#[derive(Debug, Default)]
pub struct Answers(FxHashMap<(String, String), bool>);

impl Answers {
    pub fn of(rows: &[RowAnswer]) -> Self {
        let key = |r: &RowAnswer| (formats::normalise(&r.column), formats::normalise(&r.value));
        Self(rows.iter().map(|r| (key(r), r.income)).collect())
    }

    fn find(&self, column: &str, value: &str) -> Option<bool> {
        if self.0.is_empty() {
            return None;
        }
        let (column, value) = (formats::normalise(column), formats::normalise(value));
        let own = self.0.get(&(column, value.clone())).copied();
        own.or_else(|| self.0.get(&(String::new(), value)).copied())
    }

    /// The kind of a value, a person's word before ours. `as_kind` is what it would be in a
    /// column of kinds: a sentence that would be income there is answered by itself alone, and
    /// any other one by what is said of its own column.
    pub fn judge(&self, column: &str, value: &str, ours: Kind, as_kind: Kind) -> Kind {
        let open = ours.is_open() || matches!(ours, Kind::Payment | Kind::Cost);
        let own = |column: &str| self.0.get(&(formats::normalise(column), OTHERS.to_owned()));
        let said = self.find(column, value).or_else(|| match ours {
            _ if self.0.is_empty() => None,
            _ if open => own(column).or_else(|| own("")).copied(),
            Kind::Silent if as_kind != Kind::Income => own(column).copied(),
            _ => None,
        });
        match said {
            Some(true) if ours == Kind::Payment => Kind::Incoming,
            Some(true) => Kind::Income,
            Some(false) => Kind::Said,
            None => ours,
        }
    }
}

/// A value of a column, with the rows that nobody has judged and those left out.
#[derive(Debug)]
struct Value {
    text: String,
    kind: Kind,
    /// What it would be in a column of kinds.
    as_kind: Kind,
    open: (u64, Exact),
    left: (u64, Exact),
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    kind: Kind,
    value: u16,
}

/// A column that tells kinds of rows.
pub struct Column {
    name: String,
    teller: Teller,
    /// Where it stands in the table that is read now.
    at: Option<usize>,
    memo: Memo<Seen>,
    values: Vec<Value>,
    /// Different values, and those that can only be kinds of rows.
    different: u32,
    plain: u32,
}

impl Column {
    fn new(name: &str, teller: Teller) -> Self {
        let name = name.to_owned();
        let memo = Memo::forgetful();
        Self { name, teller, at: None, memo, values: Vec::new(), different: 0, plain: 0 }
    }

    fn see(&mut self, raw: &[u8], answers: &Answers) -> Seen {
        let Self { name, teller, memo, values, different, plain, .. } = self;
        let seen: Result<Seen, Skipped> = memo.get(raw, |raw| {
            let (text, _) = values::text(raw);
            let ours = income::kind(&text, *teller);
            *different += u32::from(!text.is_empty());
            if *teller == Teller::Sentence && *different < LOOKED_AT {
                *plain += u32::from(income::is_plainly_a_kind(&text));
            }
            let as_kind = match ours {
                Kind::Silent if values.len() < APART => income::kind(&text, Teller::Word),
                Kind::Silent => Kind::Unknown,
                other => other,
            };
            let kind = answers.judge(name, &text, ours, as_kind);
            if kind == Kind::Income {
                return Ok(Seen { kind, value: NONE });
            }
            Ok(Seen { kind, value: value_of(values, text, kind, as_kind) })
        });
        seen.unwrap_or(Seen { kind: Kind::Income, value: NONE })
    }
}

/// The number of a value; those beyond the first are one.
fn value_of(values: &mut Vec<Value>, text: String, kind: Kind, as_kind: Kind) -> u16 {
    let text = if values.len() < APART { text } else { OTHERS.to_owned() };
    let same = |v: &Value| v.text == text && v.kind == kind;
    let at = values.iter().rposition(same).unwrap_or_else(|| {
        values.push(Value {
            text,
            kind,
            as_kind,
            open: Default::default(),
            left: Default::default(),
        });
        values.len() - 1
    });
    u16::try_from(at).unwrap_or(0)
}

/// What becomes of a row of some kind.
enum Fate {
    Counts,
    Left,
    /// Only a person can say.
    Open,
}

impl Intake {
    /// Columns of the table that tell kinds; those known from another table go on.
    pub(super) fn begin_kinds(&mut self) {
        for column in &mut self.kinds {
            column.at = None;
        }
        for (at, teller) in &self.plan.tellers {
            let name = self.header.get(*at).map_or("", String::as_str);
            let known = self.kinds.iter().position(|c| c.name == name && c.teller == *teller);
            let known = known.unwrap_or_else(|| {
                self.kinds.push(Column::new(name, *teller));
                self.kinds.len() - 1
            });
            self.kinds[known].at = Some(*at);
        }
    }

    /// Counts and leaves out a row that says itself that it is no income.
    pub(super) fn is_no_income(&mut self, row: &Row<'_>) -> bool {
        for at in 0..self.kinds.len() {
            let Some(column) = self.kinds[at].at else { continue };
            if self.kinds[at].teller == Teller::TakenBack {
                if self.is_taken_back(row, at, column) {
                    return true;
                }
                continue;
            }
            let seen = self.kinds[at].see(row.field(column), &self.answers);
            if seen.kind == Kind::Income {
                continue;
            }
            match self.fate(row, seen.kind) {
                Fate::Counts => {}
                Fate::Open => self.open_now.push((at, seen.value)),
                Fate::Left => {
                    self.leave(row, at, seen);
                    return true;
                }
            }
        }
        false
    }

    fn written(&self, raw: &[u8]) -> Result<Exact, amounts::AmountError> {
        Ok(self.plan.whole(amounts::written(raw)?.under(self.point())))
    }

    fn fate(&mut self, row: &Row<'_>, kind: Kind) -> Fate {
        let amount = match self.amount_now(row) {
            Ok(amount) => Some(amount),
            Err(amounts::AmountError::Empty) => None,
            // An amount nobody can read is left out as unreadable, with its line.
            Err(_) => return Fate::Counts,
        };
        let negative = amount.is_some_and(Exact::is_negative);
        let nothing = amount.is_none_or(|a| a == Exact::ZERO);
        match kind {
            Kind::Undone if amount == Some(Exact::ZERO) => Fate::Counts,
            // A refund of Bandcamp's has its amount elsewhere.
            Kind::Undone if amount.is_none() && self.plan.bandcamp.is_some() => Fate::Counts,
            Kind::Undone if negative => {
                self.left.taken_back += amount.unwrap_or_default();
                Fate::Counts
            }
            Kind::Payment | Kind::Incoming if negative => Fate::Left,
            Kind::Income | Kind::Incoming => Fate::Counts,
            Kind::Cost if negative || nothing => Fate::Counts,
            kind if kind.is_out() || kind == Kind::Undone => Fate::Left,
            _ if nothing => Fate::Counts,
            _ => Fate::Open,
        }
    }

    #[cold]
    fn leave(&mut self, row: &Row<'_>, at: usize, seen: Seen) {
        self.open_now.clear();
        let amount = self.amount_now(row).ok();
        if let Some(value) = self.kinds[at].values.get_mut(usize::from(seen.value)) {
            value.left.0 += 1;
            value.left.1 += amount.unwrap_or_default();
        }
        self.count_kind(income::place(seen.kind), amount);
    }

    /// A column that says how much of the row was taken back, beside an amount that may not
    /// have been lessened by it.
    fn is_taken_back(&mut self, row: &Row<'_>, at: usize, column: usize) -> bool {
        let Ok(back) = self.written(row.field(column)) else { return false };
        let Ok(amount) = self.amount_now(row) else { return false };
        if back == Exact::ZERO || amount <= Exact::ZERO {
            return false;
        }
        let part = back.0.unsigned_abs() < amount.0.unsigned_abs();
        let text = TAKEN_BACK[usize::from(part)];
        let name = self.kinds[at].name.clone();
        let kind = self.answers.judge(&name, text, Kind::Unsure, Kind::Unsure);
        if kind == Kind::Income {
            return false;
        }
        let value = value_of(&mut self.kinds[at].values, text.to_owned(), kind, kind);
        if kind == Kind::Said {
            self.leave(row, at, Seen { kind, value });
            return true;
        }
        self.open_now.push((at, value));
        false
    }

    /// A person said that rows of this name are income.
    pub(super) fn is_said_income(&self, column: usize, text: &str) -> bool {
        let name = self.header.get(column).map_or("", String::as_str);
        self.answers.find(name, text) == Some(true)
    }

    /// A row that its name makes no income, unless a person says otherwise: it is counted as
    /// open, or left out.
    #[cold]
    pub(super) fn judge_name(
        &mut self,
        column: usize,
        text: &str,
        ours: Kind,
        amount: Exact,
    ) -> Kind {
        let name = self.header.get(column).cloned().unwrap_or_default();
        let kind = self.answers.judge(&name, text, ours, ours);
        if kind == Kind::Income {
            return kind;
        }
        let same = |c: &Column| c.name == name && c.teller == Teller::Flag && c.at.is_none();
        let at = self.kinds.iter().position(same).unwrap_or_else(|| {
            self.kinds.push(Column::new(&name, Teller::Flag));
            self.kinds.len() - 1
        });
        let value = value_of(&mut self.kinds[at].values, text.to_owned(), kind, kind);
        if kind.is_open() {
            self.open_now.push((at, value));
        } else if let Some(value) = self.kinds[at].values.get_mut(usize::from(value)) {
            value.left.0 += 1;
            value.left.1 += amount;
        }
        kind
    }

    /// Counts a row that is taken in for as long as nobody has judged its kind.
    #[cold]
    pub(super) fn count_open(&mut self, amount: Exact) {
        for (at, value) in self.open_now.drain(..) {
            if let Some(value) = self.kinds[at].values.get_mut(usize::from(value)) {
                value.open.0 += 1;
                value.open.1 += amount;
            }
        }
    }

    /// One question for all kinds of rows that nobody but a person can judge.
    pub(super) fn ask_kinds(&mut self, verdict: &mut Verdict) {
        let known = self.plan.known_layout;
        let mut asked: Vec<RowKind> = Vec::new();
        for column in &self.kinds {
            asked.extend(column.asked(known));
        }
        asked.extend(self.debits_to_ask());
        if asked.is_empty() {
            return;
        }
        let code = self.currency.map_or("", kernel::Asset::code);
        let seen = self.sum_seen.filter(|_| asked.iter().any(|k| k.value == ADDS_UP));
        let debit = self.sign.first_debit.as_ref().map_or_else(String::new, |(line, text)| {
            format!(", taken off; the first is '{text}' on line {line}")
        });
        let place = seen.map_or_else(String::new, |(line, rows)| {
            format!(
                ", the first on line {line}: to the last digit what {rows} other rows add up to"
            )
        });
        let named: Vec<String> = asked
            .iter()
            .map(|k| {
                let value = if k.value == OTHERS { "all others" } else { &k.value };
                let place = match k.value.as_str() {
                    ADDS_UP => &place,
                    DEBIT => &debit,
                    _ => "",
                };
                let (column, rows, sum) = (&k.column, k.rows, k.amount);
                format!("'{value}' in column '{column}' ({rows} rows, {sum} {code}{place})")
            })
            .collect();
        let message = format!(
            "rows of some kinds may be income, or money that was earned before: say for each \
             kind whether it is income: {}",
            named.join("; ")
        );
        let question = Question::of("row_kinds", "rows", message, Vec::new());
        verdict.questions.push(Question { values: asked, ..question });
    }

    fn side_name(&self) -> String {
        self.column(self.plan.side.unwrap_or(self.plan.amount)).to_owned()
    }

    /// What a person said of the debit side.
    pub(super) fn begin_sides(&mut self) {
        self.debits_are_income = self.answers.find(&self.side_name(), DEBIT) == Some(true);
    }

    /// A statement that takes off more than it pays may be written from the payer's side.
    fn debits_to_ask(&self) -> Option<RowKind> {
        let (rows, amount) = self.sign.debits;
        let column = self.side_name();
        let judged = self.answers.judge(&column, DEBIT, Kind::Unsure, Kind::Unsure);
        let doubt = self.total.is_negative() || self.plan.side_unsure;
        let open = rows > 0 && doubt && judged == Kind::Unsure;
        open.then(|| RowKind { column, value: DEBIT.to_owned(), rows, amount })
    }

    /// The values that were left out as one kind.
    pub(super) fn left_values(&self, place: usize) -> String {
        let left = self.kinds.iter().flat_map(|c| &c.values);
        let left: Vec<&Value> =
            left.filter(|v| v.left.0 > 0 && income::place(v.kind) == place).collect();
        if left.is_empty() {
            return String::new();
        }
        let named: Vec<String> = left
            .iter()
            .take(NAMED)
            .map(|v| format!("'{}' {} rows, {}", v.text, v.left.0, v.left.1))
            .collect();
        let more = if left.len() > NAMED { "; ..." } else { "" };
        format!(": {}{more}", named.join("; "))
    }
}

impl Column {
    /// What has to be asked of this column.
    fn asked(&self, known_layout: bool) -> Vec<RowKind> {
        // Among payouts and balances, what is not known may be one of them.
        let moves = self.values.iter().any(|v| v.kind.is_out());
        let of_kinds = self.plain * 2 >= self.different && self.plain > 0;
        let is_asked = |v: &&Value| match v.kind {
            _ if v.open.0 == 0 => false,
            Kind::Unknown => match self.teller {
                Teller::Content | Teller::Method => moves,
                _ => !(known_layout && is_code(&v.text)),
            },
            Kind::Silent => of_kinds && v.as_kind != Kind::Income,
            _ => true,
        };
        let mut open: Vec<&Value> = self.values.iter().filter(is_asked).collect();
        open.sort_by_key(|v| (v.text == OTHERS, std::cmp::Reverse(v.open.1.0.unsigned_abs())));
        let row_kind = |text: &str, (rows, amount): (u64, Exact)| RowKind {
            column: self.name.clone(),
            value: text.to_owned(),
            rows,
            amount,
        };
        let listed = if open.len() > LISTED { LISTED - 1 } else { open.len() };
        let mut asked: Vec<RowKind> =
            open[..listed].iter().map(|v| row_kind(&v.text, v.open)).collect();
        if listed < open.len() {
            let mut rest = (0, Exact::ZERO);
            for value in &open[listed..] {
                rest.0 += value.open.0;
                rest.1 += value.open.1;
            }
            asked.push(row_kind(OTHERS, rest));
        }
        asked
    }
}

/// A code of a layout (`AV`, `S`) is no word.
fn is_code(text: &str) -> bool {
    text.len() <= 3 && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}
