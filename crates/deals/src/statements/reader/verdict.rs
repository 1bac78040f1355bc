//! From what was taken in to the answer: a reading, or what a person has to say first.

use std::collections::BTreeMap;

use kernel::{Exact, Month};

use super::cells::Aggregates;
use super::countries::Country;
use super::detect::Found;
use super::intake::{Intake, Verdict};
use super::share_bp;
use super::suggest::{self, Suggestion};
use super::types::{
    Layout, Mapping, MonthLine, Outcome, Question, Reading, Refused, StoreLine, Unmapped,
};

/// A table of an unknown layout, with our guess and what the file showed when it was read so.
///
/// # Errors
/// [`Refused`] when no column holds numbers, or there are no rows.
pub(super) fn unmapped(
    found: &Found,
    suggestion: Suggestion,
    tried: Option<Result<Verdict, Refused>>,
) -> Result<Outcome, Refused> {
    let mut layout = found.layout();
    if layout.sample.is_empty() || !suggest::has_numbers(found) {
        return Err(suggest::unread_money(found).unwrap_or_else(|| no_statement(&layout)));
    }
    let Suggestion { mapping, questions } = suggestion;
    layout.suggested = mapping;
    let mut asked = vec![columns_question(&layout.suggested, found.wide.is_some())];
    asked.extend(questions);
    let suggested = &mut layout.suggested;
    match tried {
        Some(Ok(verdict)) => {
            suggested.decimal = verdict.decimal;
            suggested.date_order = verdict.date_order;
            for question in &verdict.questions {
                open_again(suggested, question);
            }
            asked.extend(verdict.questions);
        }
        // What speaks against our own guess is no fault of the file.
        Some(Err(refused)) => asked.push(Question::of(
            refused.code,
            "amount",
            format!("read with the suggested columns: {}", refused.message),
            Vec::new(),
        )),
        None => {}
    }
    if suggested.month.is_empty()
        && suggested.period.is_none()
        && !asked.iter().any(|q| matches!(q.field.as_str(), "month" | "period"))
    {
        asked.push(Question::of(
            "period",
            "period",
            "no column holds months or dates: name the one that does, or say the months that the \
             statement covers",
            Vec::new(),
        ));
    }
    let open = |code: &str| asked.iter().any(|q| q.code == code);
    if suggested.currency.is_none()
        && suggested.currency_column.is_none()
        && !open("amount_column")
        && !open("mixed_currencies")
        && !open("currency_column")
    {
        asked.push(currency_question());
    }
    let why = sentence(&asked);
    Ok(Outcome::NeedsMapping(Box::new(Unmapped { why, layout, questions: asked, reading: None })))
}

fn no_statement(layout: &Layout) -> Refused {
    let missing = if layout.sample.is_empty() {
        "it has no rows below the header"
    } else {
        "no column holds amounts of money"
    };
    Refused::new(
        "not_a_statement",
        format!(
            "this does not look like a royalty statement: {missing} (header on line {}: {})",
            layout.line,
            layout.header.join(", ").chars().take(200).collect::<String>()
        ),
    )
}

/// A guess that a question contradicts is no guess any more.
fn open_again(suggested: &mut Mapping, question: &Question) {
    if question.code != "duplicate_column" {
        return;
    }
    match question.field.as_str() {
        "amount" => suggested.amount.clear(),
        "month" => suggested.month.clear(),
        "title" => suggested.title = None,
        "store" => suggested.store = None,
        "country" => suggested.country = None,
        "units" => suggested.units = None,
        "isrc" => suggested.isrc = None,
        _ => suggested.currency_column = None,
    }
}

fn columns_question(suggested: &Mapping, wide: bool) -> Question {
    let missing =
        if suggested.amount.is_empty() { "; which one holds the money is not clear" } else { "" };
    let cells = if wide { " (each cell of a month is read as a row of its own)" } else { "" };
    let message =
        format!("this layout is not known yet{cells}: confirm which column is what{missing}");
    Question::of("columns", "amount", message, Vec::new())
}

fn currency_question() -> Question {
    let message = "the file does not say its currency: choose it";
    Question::of("currency", "currency", message, Vec::new())
}

fn sentence(questions: &[Question]) -> String {
    let all: Vec<&str> = questions.iter().map(|q| q.message.as_str()).collect();
    all.join("; ")
}

/// The answer for a table whose columns are known.
pub(super) fn conclude(
    intake: Intake,
    mut verdict: Verdict,
    found: &Found,
    given: Option<&Mapping>,
    encoding: &'static str,
) -> Outcome {
    let encoding = if intake.foreign { "windows-1252" } else { encoding };
    let mut layout = found.layout();
    if found.format.is_none()
        && let Some(given) = given
    {
        layout.suggested = given.clone();
    }
    if let Some(given) = given {
        layout.suggested.rows.clone_from(&given.rows);
        layout.suggested.unit = given.unit;
        layout.suggested.currency = layout.suggested.currency.or(given.currency);
    }
    layout.suggested.decimal = layout.suggested.decimal.or(verdict.decimal);
    layout.suggested.date_order = layout.suggested.date_order.or(verdict.date_order);
    let settled = verdict.questions.is_empty();
    for question in &verdict.questions {
        open_again(&mut layout.suggested, question);
    }
    if intake.currency.is_none() {
        verdict.questions.push(currency_question());
    }
    if verdict.questions.is_empty() {
        return Outcome::Ready(Box::new(reading_of(intake, layout, encoding)));
    }
    let why = sentence(&verdict.questions);
    let reading = settled.then(|| reading_of(intake, layout.clone(), encoding));
    Outcome::NeedsMapping(Box::new(Unmapped { why, layout, questions: verdict.questions, reading }))
}

fn reading_of(intake: Intake, layout: Layout, encoding: &'static str) -> Reading {
    let amount_column = intake.header.get(intake.plan.amount).cloned().unwrap_or_default();
    let tables = intake.table_names();
    let aggregates =
        Aggregates { works: intake.works, stores: intake.stores, cells: intake.table.cells };
    let mut countries: Vec<Country> = Vec::new();
    for cell in &aggregates.cells {
        if cell.country != Country::UNKNOWN
            && let Err(at) = countries.binary_search(&cell.country)
        {
            countries.insert(at, cell.country);
        }
    }
    Reading {
        format: intake.plan.format,
        format_name: intake.plan.format_name,
        encoding,
        currency: intake.currency,
        rows: intake.rows,
        unreadable: intake.unreadable,
        total: intake.total,
        column_total: intake.column_total,
        amount_column,
        tables,
        tables_left_out: intake.tables_left_out,
        confirmations: intake.confirmations,
        months: months_of(&aggregates),
        stores: stores_of(&aggregates, intake.total),
        works_count: works_in(&aggregates),
        countries_count: countries.len() as u64,
        warnings: intake.notes.list,
        warnings_total: intake.notes.total,
        layout,
        aggregates,
    }
}

/// Works that have a sum.
fn works_in(aggregates: &Aggregates) -> u64 {
    let mut seen = vec![false; aggregates.works.len()];
    for cell in &aggregates.cells {
        if let Some(seen) = seen.get_mut(cell.work as usize) {
            *seen = true;
        }
    }
    seen.into_iter().map(u64::from).sum()
}

fn months_of(aggregates: &Aggregates) -> Vec<MonthLine> {
    let mut months: BTreeMap<Month, (Exact, i64, u64)> = BTreeMap::new();
    for cell in &aggregates.cells {
        let sum = months.entry(cell.month()).or_default();
        sum.0 += cell.amount;
        sum.1 = sum.1.saturating_add(cell.units);
        sum.2 += u64::from(cell.rows);
    }
    let newest = months.keys().next_back().copied();
    months
        .into_iter()
        .map(|(month, (amount, units, rows))| MonthLine {
            month,
            amount,
            units,
            rows,
            complete: Some(month) != newest,
        })
        .collect()
}

fn stores_of(aggregates: &Aggregates, total: Exact) -> Vec<StoreLine> {
    let mut sums = vec![Exact::ZERO; aggregates.stores.len()];
    for cell in &aggregates.cells {
        sums[usize::from(cell.store)] += cell.amount;
    }
    let mut stores: Vec<StoreLine> = aggregates
        .stores
        .iter()
        .zip(sums)
        .map(|(name, amount)| StoreLine {
            name: name.clone(),
            amount,
            share_bp: share_bp(amount, total),
        })
        .collect();
    stores.sort_by(|a, b| b.amount.cmp(&a.amount).then_with(|| a.name.cmp(&b.name)));
    stores
}
