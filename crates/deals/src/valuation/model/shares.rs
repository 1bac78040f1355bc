//! Who earned what: history, works, stores, countries.

use kernel::exact::div_half_even;
use kernel::{Asset, Exact, Money};

use super::book::Months;
use super::measure::Ltm;
use super::report::{CountryShare, HistoryMonth, NamedShare, WorkShare};
use crate::statements::reader::share_bp;

/// Works listed one by one; the rest is one line.
const LISTED: usize = 250;

pub(super) fn history(months: &Months, asset: Asset) -> Vec<HistoryMonth> {
    (months.first()..months.amounts.len())
        .map(|at| HistoryMonth {
            month: months.month(at),
            amount: text(Exact(months.amounts[at]), asset),
            units: months.units[at],
            complete: months.month(at) != months.newest,
        })
        .collect()
}

/// Works by their part of the last twelve months. The values are cut from the median one
/// after the other, so that together they are exactly the median.
pub(super) fn works(months: &Months, ltm: &Ltm, median: Money) -> Vec<WorkShare> {
    let mut earned: Vec<(Exact, &str, &str)> = months
        .works
        .iter()
        .map(|work| {
            let sum = Exact(work.amounts[ltm.from..=ltm.to].iter().sum());
            (sum, work.title.as_str(), work.isrc.as_str())
        })
        .collect();
    earned.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    if earned.len() > LISTED {
        let rest = earned.split_off(LISTED - 1).iter().map(|w| w.0).sum();
        earned.push((rest, "(other works)", ""));
    }
    let mut so_far = Exact::ZERO;
    let mut given = 0;
    earned
        .into_iter()
        .map(|(sum, title, isrc)| {
            so_far += sum;
            let upto = part_of(median.minor, so_far, ltm.sum);
            let value = Money::new(upto - given, median.asset);
            given = upto;
            WorkShare {
                title: title.to_owned(),
                isrc: isrc.to_owned(),
                ltm: text(sum, median.asset),
                share_bp: share_bp(sum, ltm.sum),
                value: value.amount_text(),
            }
        })
        .collect()
}

pub(super) fn stores(months: &Months, ltm: &Ltm, asset: Asset) -> Vec<NamedShare> {
    let mut list: Vec<(&String, &Exact)> = months.ltm_stores.iter().collect();
    list.retain(|(_, sum)| sum.0 != 0);
    list.sort_by(|a, b| b.1.cmp(a.1));
    list.into_iter()
        .map(|(name, sum)| NamedShare {
            name: name.clone(),
            ltm: text(*sum, asset),
            share_bp: share_bp(*sum, ltm.sum),
        })
        .collect()
}

pub(super) fn countries(months: &Months, ltm: &Ltm, asset: Asset) -> Vec<CountryShare> {
    let mut list: Vec<_> = months.ltm_countries.iter().collect();
    list.retain(|(_, (sum, _))| sum.0 != 0);
    list.sort_by_key(|entry| std::cmp::Reverse(entry.1.0));
    list.into_iter()
        .map(|(country, (sum, _))| CountryShare {
            code: country.as_str().to_owned(),
            ltm: text(*sum, asset),
            share_bp: share_bp(*sum, ltm.sum),
        })
        .collect()
}

/// `whole * part / all` in minor units, half to even.
fn part_of(whole: i64, part: Exact, all: Exact) -> i64 {
    // 10^-6 is fine enough here, and keeps the product within an i128.
    let (part, all) = (part.0 / 1_000_000, (all.0 / 1_000_000).max(1));
    if part == all {
        return whole;
    }
    i64::try_from(div_half_even(i128::from(whole).saturating_mul(part), all)).unwrap_or(whole)
}

/// An exact sum as the decimal text of an amount.
pub(super) fn text(sum: Exact, asset: Asset) -> String {
    let minor = sum.to_minor(asset.scale()).unwrap_or(0);
    Money::new(minor, asset).amount_text()
}
