//! From a figure back to the rows of the files it came from.

use kernel::{Error, Exact, Month};
use platform::Cx;
use serde::Serialize;

use crate::offers::{OfferId, service as offers};
use crate::statements::{self, StatementId, codec};
use crate::valuation::model::title_of;
use crate::valuation::service as valuation;

/// Lines in one answer at most; the sum is over all.
const MOST: usize = 500;

/// One sum of rows.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TraceLine {
    statement_id: StatementId,
    file_name: String,
    month: Month,
    work: String,
    store: String,
    country: String,
    amount: Exact,
    units: i64,
    /// Physical line of the first row in the file.
    first_line: u32,
    /// Rows that went in.
    rows: u32,
}

/// What a figure is made of.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct TraceView {
    figure: String,
    /// Exact sum of all lines, before any rounding.
    total: Exact,
    /// The largest first.
    data: Vec<TraceLine>,
    has_more: bool,
}

/// What is asked for.
enum Figure {
    Total,
    Months(Month, Month),
    Work(String, Month, Month),
}

impl Figure {
    fn holds(&self, month: Month, title: &str) -> bool {
        match self {
            Self::Total => true,
            Self::Months(from, to) => (*from..=*to).contains(&month),
            Self::Work(work, from, to) => work == title && (*from..=*to).contains(&month),
        }
    }
}

/// Traces `ltm`, `total`, `month:2024-03` or `work:TITLE` (over the last twelve months).
///
/// # Errors
/// `Invalid` naming the figure; `offer_not_found`, `valuation_not_found`.
pub async fn figure(cx: &Cx, id: OfferId, name: &str) -> Result<TraceView, Error> {
    cx.decide_all("valuations.read").await?;
    let (offer, report, packed) = cx
        .db
        .read(move |tx| {
            let offer = offers::load(tx, id)?;
            let report = valuation::load(tx, id.0, offer.round)?;
            let files = statements::service::load_some(tx, &offer.statements)?;
            let packed = files
                .into_iter()
                .map(|s| Ok((s.id, s.file_name, statements::service::packed_sums(tx, s.id)?)))
                .collect::<Result<Vec<_>, Error>>()?;
            Ok::<_, Error>((offer, report, packed))
        })
        .await?;
    let asked = match name.split_once(':') {
        None if name == "ltm" => Figure::Months(report.ltm_from, report.ltm_to),
        None if name == "total" => Figure::Total,
        Some(("month", m)) => {
            let month: Month = m.parse()?;
            Figure::Months(month, month)
        }
        Some(("work", title)) => Figure::Work(title.to_owned(), report.ltm_from, report.ltm_to),
        _ => {
            return Err(Error::invalid("figure", format!("'{name}' cannot be traced"))
                .with("allowed", vec!["ltm", "total", "month:2024-03", "work:TITLE"]));
        }
    };
    let (name, works) = (name.to_owned(), offer.works);
    cx.heavy.blocking(move || collect(name, &asked, works.as_deref(), packed)).await?
}

fn collect(
    figure: String,
    asked: &Figure,
    scope: Option<&[String]>,
    packed: Vec<(StatementId, String, Vec<u8>)>,
) -> Result<TraceView, Error> {
    let (mut data, mut total) = (Vec::new(), Exact::ZERO);
    for (statement_id, file_name, packed) in packed {
        let sums = codec::unpack(&packed)?;
        for c in &sums.cells {
            let title = sums.works.get(c.work as usize).map_or("", |w| title_of(&w.title));
            let in_scope = scope.is_none_or(|s| s.iter().any(|w| w == title));
            if !in_scope || !asked.holds(c.month(), title) {
                continue;
            }
            total += c.amount;
            data.push(TraceLine {
                statement_id,
                file_name: file_name.clone(),
                month: c.month(),
                work: title.to_owned(),
                store: sums.stores.get(usize::from(c.store)).cloned().unwrap_or_default(),
                country: c.country.as_str().to_owned(),
                amount: c.amount,
                units: c.units,
                first_line: c.first_line,
                rows: c.rows,
            });
        }
    }
    data.sort_by(|a, b| b.amount.cmp(&a.amount).then(a.first_line.cmp(&b.first_line)));
    let has_more = data.len() > MOST;
    data.truncate(MOST);
    Ok(TraceView { figure, total, data, has_more })
}
