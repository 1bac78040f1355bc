//! The same income in coarser windows, by store or country only, or in other months.

use super::*;
use crate::statements::reader::overlap::compare;
use kernel::Month;

/// Statement of a table: month, title, store, country, amount in cents and thousandths of them.
fn told(rows: &[(String, &str, &str, &str, i64)]) -> Vec<u8> {
    let mut text = "Sale Month,Title,Store,Country,Net (USD)\n".to_owned();
    for (month, title, store, country, amount) in rows {
        let (whole, part) = (amount / 100_000, amount % 100_000);
        text.push_str(&format!("{month},{title},{store},{country},{whole}.{part:05}\n"));
    }
    text.into_bytes()
}

/// 18 months of three works at two stores in two countries, no sum like another.
fn detailed(seed: i64) -> Vec<(String, &'static str, &'static str, &'static str, i64)> {
    let mut rows = Vec::new();
    for m in 0..18_i64 {
        for (w, title) in ["Rain", "Snow", "Wind"].into_iter().enumerate() {
            for (s, store) in ["Spotify", "Apple"].into_iter().enumerate() {
                for (c, country) in ["US", "DE"].into_iter().enumerate() {
                    let odd = (m * 7_919 + (w * 31 + s * 17 + c * 5) as i64 * 104_729) * seed;
                    let amount = 1_000_000 + odd.rem_euclid(900_001);
                    let month = format!("{}-{:02}", 2023 + m / 12, m % 12 + 1);
                    rows.push((month, title, store, country, amount));
                }
            }
        }
    }
    rows
}

type Told = (String, &'static str, &'static str, &'static str, i64);

/// Sums of rows under other names, rounded to cents.
fn summed(rows: &[Told], name: impl Fn(&Told) -> (String, &'static str, &'static str)) -> Vec<u8> {
    let mut sums: std::collections::BTreeMap<_, i64> = std::collections::BTreeMap::new();
    for row in rows {
        *sums.entry(name(row)).or_default() += row.4;
    }
    let of = |((month, title, store), sum): ((String, &'static str, &'static str), i64)| {
        (month, title, store, "", (sum + 500) / 1_000 * 1_000)
    };
    told(&sums.into_iter().map(of).collect::<Vec<_>>())
}

fn months_of(a: &[u8], b: &[u8]) -> Option<usize> {
    let mapping: Mapping = serde_json::from_str(
        r#"{"month":"Sale Month","amount":"Net (USD)","title":"Title","store":"Store",
            "country":"Country"}"#,
    )
    .unwrap();
    let (a, b) = (mapped(a, &mapping), mapped(b, &mapping));
    let found = compare(&a.aggregates, &b.aggregates);
    assert_eq!(found, compare(&b.aggregates, &a.aggregates));
    found.map(|f| f.months.len())
}

#[test]
fn coarser_windows_of_the_same_income_are_found() {
    let rows = detailed(1);
    let all = told(&rows);
    let quarter = |m: &str| format!("{}-Q{}", &m[..4], m[5..].parse::<u32>().unwrap().div_ceil(3));
    let half = |m: &str| format!("{}-H{}", &m[..4], m[5..].parse::<u32>().unwrap().div_ceil(6));
    let by_quarter = summed(&rows, |r| (quarter(&r.0), r.1, r.2));
    assert_eq!(months_of(&all, &by_quarter), Some(18), "by quarter, work and store");
    let by_half = summed(&rows, |r| (half(&r.0), r.1, ""));
    assert_eq!(months_of(&all, &by_half), Some(18), "by half year and work");
    let by_year = summed(&rows, |r| (r.0[..4].to_owned(), r.1, ""));
    assert_eq!(months_of(&all, &by_year), Some(18), "by year and work");
    let by_store = summed(&rows, |r| (r.0.clone(), "", r.2));
    let only: Vec<&str> = std::str::from_utf8(&by_store).unwrap().lines().collect();
    let only: Vec<&str> = only.into_iter().filter(|l| !l.contains("Spotify")).collect();
    assert_eq!(months_of(&all, only.join("\n").as_bytes()), Some(18), "one store's months");
    let country: Vec<Told> = rows.iter().map(|r| (r.0.clone(), "", "", r.3, r.4)).collect();
    assert_eq!(months_of(&all, &told(&country)), Some(18), "by country");
    let share: Vec<Told> =
        rows.iter().map(|r| (r.0.clone(), r.1, r.2, r.3, r.4 * 595 / 1000)).collect();
    let part = summed(&share, |r| (half(&r.0), r.1, ""));
    assert_eq!(months_of(&all, &part), Some(18), "a share by half year");
}

#[test]
fn moved_months_of_the_same_income_are_found() {
    let rows = detailed(1);
    let moved: Vec<Told> = rows
        .iter()
        .map(|r| {
            let month: Month = r.0.parse().unwrap();
            (month.plus(2).to_string(), r.1, r.2, r.3, r.4)
        })
        .collect();
    assert_eq!(months_of(&told(&rows), &told(&moved)), Some(18));
}

#[test]
fn other_income_of_the_same_months_is_left_in_peace() {
    let rows = detailed(1);
    let all = told(&rows);
    let other = detailed(13);
    assert_eq!(months_of(&all, &told(&other)), None, "other sums of the same works");
    let works: Vec<Told> = detailed(13)
        .into_iter()
        .map(|r| (r.0, if r.1 == "Rain" { "Hail" } else { "Fog" }, r.2, r.3, r.4))
        .collect();
    assert_eq!(months_of(&all, &told(&works)), None, "other works");
    let half = |from: &str, to: &str| -> Vec<Told> {
        let within = |r: &&Told| (from..=to).contains(&r.0.as_str());
        rows.iter().filter(within).cloned().collect()
    };
    let (first, second) = (half("2023-01", "2023-06"), half("2023-07", "2024-06"));
    assert_eq!(months_of(&told(&first), &told(&second)), None, "one after the other");
    let (one, two): (Vec<Told>, Vec<Told>) = rows.iter().cloned().partition(|r| r.2 == "Apple");
    assert_eq!(months_of(&told(&one), &told(&two)), None, "other stores");
    // Flat sums and prices of pieces of other works.
    let flat = |title: &'static str, store: &'static str, amounts: [i64; 3]| -> Vec<u8> {
        let month = |m: usize| format!("{}-{:02}", 2023 + m / 12, m % 12 + 1);
        told(&(0..36).map(|m| (month(m), title, store, "US", amounts[m % 3])).collect::<Vec<_>>())
    };
    let ten = [1_000_000; 3];
    assert_eq!(months_of(&flat("A", "Shop", ten), &flat("B", "Shop", ten)), None, "flat");
    let (a, b) = ([70_000, 140_000, 210_000], [210_000, 140_000, 70_000]);
    assert_eq!(months_of(&flat("A", "Shop", a), &flat("B", "Store", b)), None, "pieces");
}
