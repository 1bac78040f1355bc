//! Which column is what comes in, what is taken off and what is left: the rows prove it where
//! one column is another one less a third (or less two), whatever they are called.

use kernel::Exact;

use super::super::amounts;
use super::super::dates;
use super::super::detect::Found;
use super::super::income;
use super::super::types::Decimal;
use super::super::worth;
use super::{decimal_of, share};

/// Columns of numbers that are tried.
const TRIED: usize = 12;
/// Rows that must prove it at least.
const FEWEST: usize = 2;

/// What the rows prove of columns of money.
#[derive(Debug, Default)]
pub(super) struct Proven {
    /// What is left after deductions.
    pub net: Vec<usize>,
    /// What it is left of, and the deductions.
    pub not_net: Vec<usize>,
    /// Two parts of one sum, either of which may be the creator's.
    pub parts: Option<(usize, usize)>,
}

/// Tries all columns of numbers against each other.
pub(super) fn of(found: &Found) -> Proven {
    let columns: Vec<Column> =
        (0..found.names.len()).filter_map(|at| Column::of(found, at)).take(TRIED).collect();
    let mut proven = Proven::default();
    let mut gross: Vec<usize> = Vec::new();
    for whole in columns.iter().filter(|c| c.may_be_money) {
        for net in columns.iter().filter(|c| c.may_be_money && c.at != whole.at) {
            let Some(costs) = deductions(&columns, whole, net) else { continue };
            if says_otherwise(&found.header[whole.at], &found.header[net.at]) {
                continue;
            }
            let named = costs.iter().all(|c| income::is_cost(&found.header[c.at]));
            let taken_off = costs.iter().all(|c| c.takes_off(whole));
            let own = income::is_cost(&found.header[net.at]);
            if taken_off || named && !own {
                gross.push(whole.at);
                proven.not_net.extend(costs.iter().map(|c| c.at));
                proven.net.push(net.at);
            } else if !own && let [part] = costs[..] {
                let party = |c: &Column| worth::is_party(&found.header[c.at]);
                if party(net) && party(part) && !worth::is_gross(&found.header[part.at]) {
                    proven.parts = Some((net.at.min(part.at), net.at.max(part.at)));
                }
            }
        }
    }
    proven.not_net.extend(gross);
    let Proven { net, not_net, .. } = &mut proven;
    net.retain(|at| !not_net.contains(at));
    not_net.retain(|at| !net.contains(at));
    proven
}

/// The names have it the other way round: the whole is somebody's own, the rest is not.
fn says_otherwise(whole: &str, net: &str) -> bool {
    let (of_whole, of_net) = (worth::of_amount(whole), worth::of_amount(net));
    let better = of_whole.zip(of_net).is_some_and(|(whole, net)| whole.worth > net.worth);
    better && worth::is_party(whole) && !worth::is_party(net)
}

/// A column of numbers.
struct Column {
    at: usize,
    cells: Vec<Option<Exact>>,
    /// Its name does not say that it is a count or a cost, and its cells may be money.
    may_be_money: bool,
}

impl Column {
    fn of(found: &Found, at: usize) -> Option<Self> {
        let number = |c: &str| {
            amounts::written(c.as_bytes()).is_ok() && dates::dated(c.as_bytes()).is_none()
        };
        if found.private[at] || share(found, at, number) < 60 {
            return None;
        }
        let point = decimal_of(found).unwrap_or(Decimal::Point).byte();
        let read = |row: &Vec<String>| {
            let written = amounts::written(row.get(at)?.as_bytes()).ok()?;
            Some(written.under(point))
        };
        let cells: Vec<Option<Exact>> = found.sample.iter().map(read).collect();
        let mut shown = found.sample.iter().filter_map(|row| row.get(at));
        let broken = shown.any(|cell| cell.contains(['.', ',']));
        let name = &found.header[at];
        let money = worth::of_amount(name).is_some();
        let may_be_money = money || broken && !worth::is_no_money(name);
        Some(Self { at, cells, may_be_money })
    }

    /// Wherever it is anything, it has the other sign than the whole.
    fn takes_off(&self, whole: &Self) -> bool {
        let pairs = self.cells.iter().zip(&whole.cells).filter_map(|(a, b)| Some(((*a)?, (*b)?)));
        let mut told = pairs.filter(|(a, b)| *a != Exact::ZERO && *b != Exact::ZERO).peekable();
        told.peek().is_some() && told.all(|(a, b)| a.is_negative() != b.is_negative())
    }
}

/// The one or two columns that lie between the two in every row, if there are any.
fn deductions<'c>(columns: &'c [Column], whole: &Column, net: &Column) -> Option<Vec<&'c Column>> {
    let others = || columns.iter().filter(|c| c.at != whole.at && c.at != net.at);
    if let Some(one) = others().find(|c| explains(whole, net, &[c])) {
        return Some(vec![one]);
    }
    others().enumerate().find_map(|(n, first)| {
        let second = others().skip(n + 1).find(|second| explains(whole, net, &[first, second]))?;
        Some(vec![first, second])
    })
}

/// Every row that has all of them says so, and some row is more than zeros.
fn explains(whole: &Column, net: &Column, costs: &[&Column]) -> bool {
    let (mut rows, mut telling) = (0, 0);
    for at in 0..whole.cells.len() {
        let (Some(gross), Some(net)) = (whole.cells[at], net.cells[at]) else { continue };
        let mut off = Exact::ZERO;
        let mut used = true;
        for cost in costs {
            let Some(cost) = cost.cells[at] else {
                used = false;
                break;
            };
            off += if cost.is_negative() == gross.is_negative() { cost } else { -cost };
            used &= cost != Exact::ZERO || costs.len() == 1;
        }
        let all = costs.iter().all(|c| c.cells[at].is_some());
        if !all {
            continue;
        }
        rows += 1;
        // Each of them may have been rounded to cents.
        if ((gross - off) - net).0.abs() > 10_000_000_000 {
            return false;
        }
        telling += usize::from(used && off != Exact::ZERO && net != Exact::ZERO);
    }
    rows >= FEWEST && telling >= FEWEST
}
