//! The tables of a file: one, or the sheets of a workbook, or the members of an archive. All
//! of one layout are read together; the others are named.

use std::io::{Read, Seek};

use kernel::Asset;

use super::detect::{self, Found, HeadRow};
use super::formats::{self, CurrencyFrom};
use super::income::{self, Measured};
use super::intake::Intake;
use super::plan::{self, Plan};
use super::source::{self, Opened, Source, refuse_io};
use super::suggest::{self, Suggestion};
use super::types::{Confirmation, Limits, Mapping, Outcome, Refused};
use super::wide::{Rows, Wide};
use super::{records, sheet, verdict};

/// What is asked of a file.
pub(super) struct Ask<'a> {
    pub mapping: Option<&'a Mapping>,
    /// The currency that a person named without a mapping.
    pub currency: Option<Asset>,
    pub limits: &'a Limits,
}

/// Kinds of rows that a mapping may answer.
const MOST_ANSWERS: usize = 1000;

/// Names listed in one sentence.
const NAMED: usize = 10;

/// Reads a file.
pub(super) fn read(
    source: Source<'_>,
    ask: &Ask<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<Outcome, Refused> {
    if ask.mapping.is_some_and(|m| m.rows.len() > MOST_ANSWERS) {
        let message = format!("at most {MOST_ANSWERS} kinds of rows may be answered");
        return Err(Refused::mapping("rows", message));
    }
    let members = source::members(source)?;
    match members[..] {
        [] => source::open(source, None, ask.limits, progress, |opened| one(opened, ask)),
        [(only, _)] => {
            source::open(source, Some(only), ask.limits, progress, |opened| one(opened, ask))
                .map_err(source::as_no_statement)
        }
        _ => several(source, &members, ask, progress),
    }
}

/// A file that is one text or one workbook: read in one pass.
fn one(opened: Opened<'_>, ask: &Ask<'_>) -> Result<Outcome, Refused> {
    match opened {
        Opened::Text(input, encoding) => {
            let mut records = records::Records::new(input);
            let found = detect::text(records.head().map_err(|e| refuse_io(&e))?, ask.mapping)?;
            let mut reading = Reading::start(&found, ask, false)?;
            reading.text(&mut records, &found, ask)?;
            reading.end(&found, ask, encoding)
        }
        Opened::Sheet(input) => {
            let mut book = sheet::Workbook::open(input)?;
            let heads = heads_of_book(&mut book, None, ask)?;
            let (group, others) = Head::grouped(heads, ask)?;
            let first = &group[0].found;
            let mut reading = Reading::start(first, ask, true)?;
            reading.several = group.len() > 1;
            for head in &group {
                reading.sheet(&mut book, head, ask)?;
            }
            reading.leave_out(&others);
            reading.end(first, ask, "xlsx")
        }
    }
}

/// An archive of several files: one pass over their heads, one over those of one layout.
fn several(
    source: Source<'_>,
    members: &[(usize, String)],
    ask: &Ask<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<Outcome, Refused> {
    let mut heads: Vec<Head> = Vec::new();
    let mut no_tables: Vec<Head> = Vec::new();
    for (member, name) in members {
        let found = source::open(source, Some(*member), ask.limits, &mut |_| {}, |opened| {
            heads_of(opened, *member, name, ask)
        });
        match found {
            Ok(found) => heads.extend(found),
            // A letter or a picture beside the statements is no fault of theirs.
            Err(refused) if matches!(refused.code, "picture" | "empty_file") => {
                no_tables.push(Head::nothing(name, false));
            }
            // A document or an archive of its own may hold a statement.
            Err(refused) if matches!(refused.code, "not_a_statement" | "archive_contents") => {
                no_tables.push(Head::nothing(name, true));
            }
            // A damaged or protected one may be a statement: nothing is read without it.
            Err(mut refused) => {
                refused.message = format!("{name}: {}", refused.message);
                return Err(refused);
            }
        }
    }
    if heads.iter().all(|h| h.score == 0) {
        let names: Vec<&str> = members.iter().take(5).map(|(_, name)| name.as_str()).collect();
        return Err(Refused::new(
            "archive_contents",
            format!(
                "the archive holds {} files ({}), and none of them is a table: statements as \
                 CSV, TSV or XLSX are allowed",
                members.len(),
                names.join(", ")
            ),
        ));
    }
    let (group, mut others) = Head::grouped(heads, ask)?;
    others.extend(no_tables);
    let first = &group[0].found;
    let mut reading = Reading::start(first, ask, group[0].sheet.is_some())?;
    reading.several = group.len() > 1;
    let mut encoding = "utf-8";
    for (at, head) in group.iter().enumerate() {
        let read =
            source::open(source, head.member, ask.limits, progress, |opened| match opened {
                Opened::Text(input, encoding) => {
                    let mut records = records::Records::new(input);
                    reading.next(head, ask)?;
                    reading.text(&mut records, &head.found, ask)?;
                    Ok(encoding)
                }
                Opened::Sheet(input) => {
                    let mut book = sheet::Workbook::open(input)?;
                    reading.sheet(&mut book, head, ask)?;
                    Ok("xlsx")
                }
            })?;
        if at == 0 {
            encoding = read;
        }
    }
    reading.leave_out(&others);
    reading.end(first, ask, encoding)
}

/// The head of one table.
struct Head {
    member: Option<usize>,
    sheet: Option<String>,
    name: String,
    found: Found,
    /// How good the header is; 0 when there is none.
    score: usize,
    in_book: bool,
    /// It may hold money although it is no table.
    may_hold: bool,
}

impl Head {
    fn nothing(name: &str, may_hold: bool) -> Self {
        let (found, name) = (Found::nothing(), name.to_owned());
        Self { member: None, sheet: None, name, found, score: 0, in_book: false, may_hold }
    }

    /// Tables with the same key can be read as one.
    fn key(&self) -> String {
        let currency = match self.found.format.map(|f| (f, f.currency)) {
            Some((format, CurrencyFrom::Header)) => {
                let at = formats::find_column(&self.found.names, format.amount);
                at.and_then(|i| formats::currency_in(&self.found.header[i])).unwrap_or_default()
            }
            _ => String::new(),
        };
        let id = self.found.format.map_or_else(|| self.found.hash(), |f| f.id.to_owned());
        format!("{id} {currency}")
    }

    /// The tables of the best layout, and the others.
    fn grouped(heads: Vec<Self>, ask: &Ask<'_>) -> Result<(Vec<Self>, Vec<Self>), Refused> {
        let worth = |h: &Self| (h.score, h.is_statement(ask), h.found.sample.len());
        let best = heads.iter().filter(|h| h.score > 0).max_by_key(|h| {
            // Of equals the first.
            let (score, statement, rows) = worth(h);
            (score == usize::MAX, statement, score, rows)
        });
        let Some(key) = best.map(Self::key) else { return Err(detect::no_header()) };
        // A sheet of streams beside one of the same columns with the money.
        let said = |h: &Self| income::measured(&h.name);
        let of_group = |h: &Self| h.score > 0 && h.key() == key;
        let money = heads.iter().any(|h| of_group(h) && said(h) == Measured::Money);
        let (group, others): (Vec<_>, Vec<_>) =
            heads.into_iter().partition(|h| of_group(h) && !(money && said(h) == Measured::Count));
        Ok((group, others))
    }

    /// Whoever leaves it out may leave out income.
    fn may_hold_money(&self, ask: &Ask<'_>) -> bool {
        self.may_hold || self.is_statement(ask) || suggest::may_hold_money(&self.found)
    }

    /// It looks like a statement of its own.
    fn is_statement(&self, ask: &Ask<'_>) -> bool {
        if self.score == 0 || self.found.sample.is_empty() {
            return false;
        }
        let guess = suggest::mapping(&self.found, ask.currency);
        self.found.format.is_some() || guess.has_money()
    }
}

fn heads_of(
    opened: Opened<'_>,
    member: usize,
    name: &str,
    ask: &Ask<'_>,
) -> Result<Vec<Head>, Refused> {
    match opened {
        Opened::Text(input, _) => {
            let mut records = records::Records::new(input);
            let head = records.head().map_err(|e| refuse_io(&e))?;
            let found = match detect::text(head, ask.mapping) {
                Ok(found) => found,
                // A letter beside the statements is no fault of theirs.
                Err(refused) if refused.code == "not_a_statement" => {
                    return Ok(vec![Head::nothing(name, detect::may_hold_money(head))]);
                }
                Err(refused) => return Err(refused),
            };
            let score = if found.format.is_some() { usize::MAX } else { 1 };
            let (member, name) = (Some(member), name.to_owned());
            let (in_book, may_hold) = (false, false);
            Ok(vec![Head { member, sheet: None, name, found, score, in_book, may_hold }])
        }
        Opened::Sheet(input) => {
            let mut book = sheet::Workbook::open(input)?;
            heads_of_book(&mut book, Some((member, name)), ask)
        }
    }
}

/// The sheets of a workbook that hold something.
fn heads_of_book<R: Read + Seek>(
    book: &mut sheet::Workbook<R>,
    inside: Option<(usize, &str)>,
    ask: &Ask<'_>,
) -> Result<Vec<Head>, Refused> {
    let mut heads = Vec::new();
    for sheet in book.sheets() {
        let rows = book.head(&sheet)?;
        if rows.is_empty() {
            continue;
        }
        let (score, found) =
            detect::sheet(&rows, ask.mapping, &sheet).unwrap_or_else(|| (0, Found::nothing()));
        let numbers = rows.iter().any(HeadRow::has_number) || rows.len() == detect::HEAD_ROWS;
        let may_hold = score == 0 && numbers;
        let name = match inside {
            Some((_, file)) => format!("{file}, sheet '{sheet}'"),
            None => format!("sheet '{sheet}'"),
        };
        let member = inside.map(|(member, _)| member);
        let (sheet, in_book) = (Some(sheet), true);
        heads.push(Head { member, sheet, name, found, score, in_book, may_hold });
    }
    Ok(heads)
}

/// What is suggested for a file whose currency a person named.
fn in_currency(found: &Found, currency: Asset) -> Mapping {
    let suggested = suggest::mapping(found, Some(currency)).mapping;
    Mapping { currency: Some(currency), ..suggested }
}

/// The rows of one table on their way into the intake.
enum Table<'f> {
    Plain,
    Wide(Rows<'f>),
}

impl<'f> Table<'f> {
    fn begin(found: &'f Found, intake: &mut Intake) -> Self {
        intake.by_cells = found.wide.is_some();
        found.wide.as_ref().map_or(Self::Plain, |wide| Self::Wide(Rows::new(wide)))
    }

    fn take(&mut self, row: &records::Row<'_>, intake: &mut Intake) -> Result<(), Refused> {
        match self {
            Self::Plain => intake.take(row),
            Self::Wide(rows) => rows.take(row, intake),
        }
    }

    fn end(self, intake: &mut Intake) {
        if let Self::Wide(rows) = self {
            rows.end(intake);
        }
    }
}

/// A file on its way through the intake.
struct Reading {
    intake: Option<Intake>,
    /// Our own guess, when nobody confirmed the columns.
    guess: Option<Suggestion>,
    /// A guess that did not fit the rows.
    failed: Option<Refused>,
    several: bool,
    begun: bool,
}

impl Reading {
    fn start(found: &Found, ask: &Ask<'_>, sheet: bool) -> Result<Self, Refused> {
        let mut reading =
            Self { intake: None, guess: None, failed: None, several: false, begun: false };
        if let Some(wide) = &found.wide {
            wide.within_bounds()?;
        }
        let guess = suggest::mapping(found, ask.currency);
        if found.format.is_none() && ask.mapping.is_none() {
            plan::agree_with_guess(found, &guess, ask.currency)?;
            reading.guess = Some(guess);
        }
        let plan = reading.plan(found, ask, sheet)?;
        reading.intake = plan.map(|p| Intake::new(p, found.header.clone(), ask.limits));
        Ok(reading)
    }

    fn plan(&self, found: &Found, ask: &Ask<'_>, sheet: bool) -> Result<Option<Plan>, Refused> {
        let only_currency = ask.currency.map(|currency| in_currency(found, currency));
        let mapping = ask.mapping.or(only_currency.as_ref());
        match (found.format, &self.guess) {
            (Some(format), _) => plan::of_format(found, format, mapping).map(Some),
            (None, None) => mapping.map(|m| plan::of_mapping(found, m, sheet)).transpose(),
            (None, Some(guess)) if guess.is_whole() => {
                let mapping = only_currency.unwrap_or_else(|| guess.mapping.clone());
                plan::of_mapping(found, &mapping, sheet).map(|p| Some(p.tried(found)))
            }
            (None, Some(_)) => Ok(None),
        }
    }

    /// Goes on with another table.
    fn next(&mut self, head: &Head, ask: &Ask<'_>) -> Result<(), Refused> {
        if !self.several {
            return Ok(());
        }
        let plan = self.plan(&head.found, ask, head.in_book)?;
        if let (Some(intake), Some(plan)) = (&mut self.intake, plan) {
            intake.next_table(&head.name, plan, head.found.header.clone());
        }
        self.begun = true;
        Ok(())
    }

    fn text<R: Read>(
        &mut self,
        records: &mut records::Records<R>,
        found: &Found,
        _ask: &Ask<'_>,
    ) -> Result<(), Refused> {
        let Some(intake) = self.intake.as_mut().filter(|_| self.failed.is_none()) else {
            return Ok(());
        };
        records.separate(found.separators);
        let mut table = Table::begin(found, intake);
        while let Some(row) = records.next_row().map_err(|e| refuse_io(&e))? {
            if row.line > found.line
                && let Err(refused) = table.take(&row, intake)
            {
                return self.fail(refused);
            }
        }
        table.end(intake);
        Ok(())
    }

    fn sheet<R: Read + Seek>(
        &mut self,
        book: &mut sheet::Workbook<R>,
        head: &Head,
        ask: &Ask<'_>,
    ) -> Result<(), Refused> {
        self.next(head, ask)?;
        let Some(intake) = self.intake.as_mut().filter(|_| self.failed.is_none()) else {
            return Ok(());
        };
        let mut rows = book.rows(head.sheet.as_deref().unwrap_or_default())?;
        let mut table = Table::begin(&head.found, intake);
        let width = head.found.wide.as_ref().map_or(head.found.header.len(), Wide::width);
        while let Some(row) = rows.next_row()? {
            if row.line > head.found.line {
                // Empty cells at the end of a row are simply not stored in a workbook.
                let padded = row.padded(width);
                if let Err(refused) = table.take(&padded, intake) {
                    return self.fail(refused);
                }
            }
        }
        table.end(intake);
        Ok(())
    }

    /// What ends the reading; of a guess it only says that the guess was wrong.
    fn fail(&mut self, refused: Refused) -> Result<(), Refused> {
        if self.guess.is_none() || refused.code == "too_many_values" {
            return Err(refused);
        }
        self.failed = Some(refused);
        Ok(())
    }

    fn leave_out(&mut self, others: &[Head]) {
        let Some(intake) = self.intake.as_mut().filter(|_| !others.is_empty()) else { return };
        let names: Vec<String> = others.iter().map(|h| h.name.clone()).collect();
        let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = if names.len() > NAMED { ", ..." } else { "" };
        let message =
            format!("not read, because the layout is another or none is known: {shown}{more}");
        intake.notes.add(0, "", "tables_left_out", message);
        intake.tables_left_out = names;
        let ask = Ask { mapping: None, currency: None, limits: &Limits::default() };
        let statements: Vec<&str> =
            others.iter().filter(|h| h.may_hold_money(&ask)).map(|h| h.name.as_str()).collect();
        if !statements.is_empty() {
            intake.confirmations.push(Confirmation::of_file(
                "tables_left_out",
                format!(
                    "tables or files that may hold income are not counted, because their layout is \
                     another or they are no tables: {}; add them as files of their own",
                    statements.join(", ")
                ),
                0,
                None,
            ));
        }
    }

    fn end(
        mut self,
        found: &Found,
        ask: &Ask<'_>,
        encoding: &'static str,
    ) -> Result<Outcome, Refused> {
        let finished = match (self.failed.take(), self.intake.as_mut()) {
            (Some(failed), _) => Some(Err(failed)),
            (None, Some(intake)) => Some(intake.finish()),
            (None, None) => None,
        };
        // The currency was no guess of ours.
        if let Some(Err(refused)) = &finished
            && refused.field == Some("currency")
            && ask.currency.is_some()
        {
            return Err(refused.clone());
        }
        // A person who named the currency takes our guess for the columns, when it is whole.
        let taken = ask.currency.is_some() && matches!(&finished, Some(Ok(_)));
        if let (Some(guess), Some(_)) = (&mut self.guess, ask.currency)
            && guess.mapping.currency_column.is_none()
        {
            guess.mapping.currency = guess.mapping.currency.or(ask.currency);
        }
        match (self.guess, self.intake, finished) {
            (Some(guess), _, finished) if !taken => verdict::unmapped(found, guess, finished),
            (_, Some(intake), Some(finished)) => {
                let used = ask.currency.map(|currency| in_currency(found, currency));
                let mapping = ask.mapping.or(used.as_ref());
                Ok(verdict::conclude(intake, finished?, found, mapping, encoding))
            }
            (Some(guess), _, _) => verdict::unmapped(found, guess, None),
            (None, _, _) => Err(detect::no_header()),
        }
    }
}
