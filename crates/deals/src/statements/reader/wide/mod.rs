//! Tables with one column for each month, quarter or year: found in the header, and shown as a
//! table with a column `Month` and one with the amounts, so that all that follows is as ever.

mod heads;
mod rows;
mod years;

use super::detect::HeadRow;
use super::types::{Mapping, Refused};
use super::{amounts, dates, worth};
use heads::{Head, What};

pub(super) use rows::Rows;

/// Columns of months that one table may have.
pub(super) const MOST: usize = 400;
/// Rows of the head that are looked at for what stands below the months.
const LOOKED_AT: usize = 20;
/// Rows that the cells of the head make, at most.
const SAMPLE: usize = 400;
/// Name of the column with the months.
pub(super) const MONTH: &str = "Month";
/// Name of the column with the amounts, where the heads give none.
const AMOUNT: &str = "Amount";

/// Columns of a month.
#[derive(Debug, Clone)]
struct Group {
    /// The month as it is read, with its year if that is known.
    text: String,
    /// For each label its column.
    cells: Vec<Option<usize>>,
}

/// A column that is not counted.
#[derive(Debug, Clone)]
struct Aside {
    at: usize,
    name: String,
    /// The columns that it adds up, if it does.
    members: Vec<usize>,
    /// It says so in its head, or may be money by its name; a count is nobody's loss.
    matters: bool,
}

/// Where the columns of a wide table are.
#[derive(Debug, Clone)]
pub(super) struct Wide {
    /// Columns that say what the row is of.
    fixed: Vec<usize>,
    groups: Vec<Group>,
    /// What stands in the heads beside the months: `Revenue`, `Streams`.
    labels: Vec<String>,
    asides: Vec<Aside>,
    /// First column of months.
    first: usize,
    /// Columns of the file.
    width: usize,
    /// What the header says of each.
    heads: Vec<String>,
    /// Heads without a year, the first and the last.
    yearless: Option<(String, String)>,
    /// How many heads speak for it.
    pub worth: usize,
    /// A person's period told the years.
    pub by_period: bool,
}

impl Wide {
    /// The table whose header is at `index`, if it has columns of months. `name` is that of the
    /// sheet.
    pub fn of(
        rows: &[HeadRow],
        index: usize,
        mapping: Option<&Mapping>,
        name: &str,
    ) -> Option<Self> {
        let cells = &rows[index].cells;
        let above = index.checked_sub(1).map(|at| rows[at].cells.as_slice()).unwrap_or_default();
        let mut heads = heads::of_row(cells);
        if heads::months(&heads) < 2 && heads::carry_months(&mut heads, above) < 2 {
            heads = heads::of_row(cells);
        }
        heads::tell_apart(&mut heads, above);
        let period = mapping.and_then(|m| m.period);
        let by_period = years::settle(&mut heads, &rows[..index], name, period);
        let named = heads.iter().filter(|h| !h.text.is_empty()).count();
        let wide = Self { worth: named, ..Self::made(rows, index, &heads, by_period)? };
        wide.is_sound(&rows[index + 1..]).then_some(wide)
    }

    fn made(rows: &[HeadRow], index: usize, heads: &[Head], by_period: bool) -> Option<Self> {
        let below = &rows[index + 1..];
        let mut wide = Self {
            fixed: Vec::new(),
            groups: Vec::new(),
            labels: Vec::new(),
            asides: Vec::new(),
            first: usize::MAX,
            width: heads.len(),
            heads: rows[index].cells.clone(),
            yearless: None,
            worth: 0,
            by_period,
        };
        let coarse = heads::sums_of_others(heads);
        for (at, head) in heads.iter().enumerate() {
            match &head.what {
                What::Month(text) | What::Part(text) if coarse[at].is_empty() => {
                    wide.put(at, text, &head.label);
                    if let What::Part(text) = &head.what {
                        let first = wide.yearless.as_ref().map(|y| y.0.clone());
                        wide.yearless = Some((first.unwrap_or(text.clone()), text.clone()));
                    }
                }
                What::Month(_) | What::Part(_) | What::Total => {
                    wide.first = wide.first.min(at);
                    let members = coarse[at].clone();
                    wide.asides.push(Aside { at, name: head.text.clone(), members, matters: true });
                }
                What::Other if amounts::written(head.text.as_bytes()).is_ok() => return None,
                What::Other if is_number(below, at) && !is_told(&head.text) => {
                    let matters = !is_count(&head.text);
                    let (name, members) = (head.text.clone(), Vec::new());
                    wide.asides.push(Aside { at, name, members, matters });
                }
                What::Other => wide.fixed.push(at),
            }
        }
        wide.name_members();
        let dated = wide.fixed.iter().any(|at| {
            wide.yearless.is_none()
                && worth::of_month(&heads[*at].text).is_some_and(|w| w >= 0)
                && is_date(below, *at)
        });
        let enough = if dated { 3 } else { 2 };
        let lone = wide.groups.len() == 1 && !dated && wide.labels[0].is_empty();
        (wide.groups.len() >= enough || lone).then_some(wide)
    }

    fn put(&mut self, at: usize, text: &str, label: &str) {
        self.first = self.first.min(at);
        let known = self.labels.iter().position(|l| l == label);
        let label = known.unwrap_or_else(|| {
            self.labels.push(label.to_owned());
            self.labels.len() - 1
        });
        let group = self.groups.iter_mut().find(|g| g.text == text);
        let group = match group {
            Some(group) => group,
            None => {
                self.groups.push(Group { text: text.to_owned(), cells: Vec::new() });
                let last = self.groups.len() - 1;
                &mut self.groups[last]
            }
        };
        if group.cells.len() <= label {
            group.cells.resize(label + 1, None);
        }
        group.cells[label] = group.cells[label].or(Some(at));
    }

    /// What columns without members of their own add up: the months of the label in their name.
    fn name_members(&mut self) {
        let lower = |text: &str| super::formats::normalise(text);
        let labels: Vec<String> = self.labels.iter().map(|l| lower(l)).collect();
        for at in 0..self.asides.len() {
            if !self.asides[at].members.is_empty() {
                continue;
            }
            let name = lower(&self.asides[at].name);
            let named = labels.iter().position(|l| !l.is_empty() && name.contains(l.as_str()));
            let money = labels.iter().position(|l| !worth::is_no_money(l));
            let Some(label) = named.or(money) else { continue };
            self.asides[at].members =
                self.groups.iter().filter_map(|g| g.cells.get(label).copied().flatten()).collect();
        }
    }

    /// The months are of a time that statements are of, and amounts stand below them.
    fn is_sound(&self, below: &[HeadRow]) -> bool {
        let cells = |below: &[HeadRow]| -> Vec<String> {
            let columns = self.groups.iter().flat_map(|g| g.cells.iter().flatten());
            let rows = below.iter().take(LOOKED_AT);
            let all = rows.flat_map(|r| columns.clone().filter_map(|at| r.cells.get(*at)));
            all.filter(|c| !c.trim().is_empty()).cloned().collect()
        };
        let amounts = |cells: &[String]| {
            let number = |c: &String| {
                !amounts::written(c.as_bytes()).is_err_and(amounts::AmountError::is_no_number)
            };
            cells.iter().filter(|c| number(c)).count()
        };
        let (first, all) = (cells(&below[..below.len().min(1)]), cells(below));
        let dates = all.iter().filter(|c| dates::dated(c.as_bytes()).is_some()).count();
        // Words right below are the heads.
        amounts(&first) * 2 >= first.len()
            && !all.is_empty()
            && amounts(&all) * 10 >= all.len() * 6
            && dates * 2 <= all.len()
            && (!self.fixed.is_empty() || self.groups.len() > 1)
    }

    /// The table has more columns of months than can be read.
    pub fn within_bounds(&self) -> Result<(), Refused> {
        let columns: usize = self.groups.iter().map(|g| g.cells.iter().flatten().count()).sum();
        if columns <= MOST {
            return Ok(());
        }
        Err(Refused::new(
            "too_many_columns",
            format!(
                "the table has {columns} columns of months: at most {MOST} can be read; split it \
                 by years"
            ),
        ))
    }

    /// Columns of the file.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The header as it is shown: what the row is of, the month, the amounts.
    pub fn header(&self, cells: &[String]) -> Vec<String> {
        let fixed = self.fixed.iter().map(|at| cells.get(*at).cloned().unwrap_or_default());
        let mut header: Vec<String> = fixed.collect();
        header.push(MONTH.to_owned());
        let sums = self.asides.iter().filter(|a| a.matters && !a.members.is_empty());
        let mut said = sums.filter_map(|a| worth::currency_in_name(&a.name));
        let currency = said.next().filter(|first| said.all(|other| other == *first));
        header.extend(self.labels.iter().map(|label| match currency {
            Some(asset) if label.is_empty() => named_amount(asset.code()),
            _ => named_amount(label),
        }));
        header
    }

    /// Place of the column with the months in it.
    pub fn month(&self) -> usize {
        self.fixed.len()
    }

    /// The first rows of the file, as they are read.
    pub fn sample(&self, below: &[HeadRow]) -> Vec<Vec<String>> {
        let mut out = Vec::new();
        for row in below {
            if row.cells == self.heads {
                continue;
            }
            let cell = |at: usize| row.cells.get(at).cloned().unwrap_or_default();
            for group in &self.groups {
                let values: Vec<String> = (0..self.labels.len())
                    .map(|l| group.at(l).map_or_else(String::new, cell))
                    .collect();
                if values.iter().all(|v| is_nothing(v.as_bytes())) {
                    continue;
                }
                let fixed = self.fixed.iter().map(|at| cell(*at));
                out.push(fixed.chain([group.text.clone()]).chain(values).collect());
                if out.len() == SAMPLE {
                    return out;
                }
            }
        }
        out
    }

    /// The first and the last head without a year, when nothing tells the years.
    pub fn yearless(&self) -> Option<(&str, &str)> {
        self.yearless.as_ref().map(|(first, last)| (first.as_str(), last.as_str()))
    }
}

impl Group {
    fn at(&self, label: usize) -> Option<usize> {
        self.cells.get(label).copied().flatten()
    }
}

/// A cell of a month in which nothing was earned: empty, or a stroke.
fn is_nothing(cell: &[u8]) -> bool {
    matches!(amounts::written(cell), Err(amounts::AmountError::Empty))
}

fn named_amount(label: &str) -> String {
    let bare = label.trim_matches(|c: char| !c.is_alphanumeric());
    let code = bare.is_empty() || bare.parse::<kernel::Asset>().is_ok();
    match (label, code) {
        ("", _) => AMOUNT.to_owned(),
        (_, true) if bare.is_empty() => format!("{AMOUNT} ({label})"),
        (_, true) => format!("{AMOUNT} ({bare})"),
        (_, false) => label.to_owned(),
    }
}

fn cells_of(below: &[HeadRow], at: usize) -> impl Iterator<Item = &str> {
    below.iter().filter_map(move |r| r.cells.get(at)).map(|c| c.trim()).filter(|c| !c.is_empty())
}

/// Numbers that are no dates stand in the column.
fn is_number(below: &[HeadRow], at: usize) -> bool {
    let all = cells_of(below, at).count();
    let number =
        |c: &&str| amounts::written(c.as_bytes()).is_ok() && dates::dated(c.as_bytes()).is_none();
    all > 0 && cells_of(below, at).filter(number).count() * 10 >= all * 6
}

fn is_date(below: &[HeadRow], at: usize) -> bool {
    let all = cells_of(below, at).count();
    let dated = |c: &&str| dates::dated(c.as_bytes()).is_some();
    all > 0 && cells_of(below, at).filter(dated).count() * 10 >= all * 6
}

/// A column of numbers that tells the row apart: it stays.
fn is_told(name: &str) -> bool {
    #[rustfmt::skip]
    const NAMES: &[&str] = &[
        "isrc", "iswc", "upc", "ean", "gtin", "barcode", "catalog", "catalogue", "katalog", "id",
        "ids", "no", "nr", "number", "nummer", "num", "sku", "ref", "reference", "code", "track",
        "#", "position", "pos", "disc", "version", "year", "jahr", "ipi", "cae", "share", "split",
        "percent", "rate", "price", "key", "line", "row", "rank", "volume", "duration", "title",
        "song", "artist", "label",
    ];
    let bare = !name.contains(char::is_alphanumeric);
    bare || name.contains('%') || worth::is_named(name, NAMES)
}

/// A column of numbers that can only be a count.
fn is_count(name: &str) -> bool {
    worth::is_no_money(name)
}
