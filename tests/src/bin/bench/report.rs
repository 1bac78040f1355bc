//! A section of docs/benchmarks.md.

use std::path::Path;

/// One measured workload.
pub(crate) struct Row {
    /// What was done.
    pub(crate) workload: String,
    /// What was measured, with its unit.
    pub(crate) measured: String,
    /// The bar the house has set itself.
    pub(crate) bar: String,
    /// The same work done otherwise, in the same run.
    pub(crate) baseline: String,
    /// Ours against the baseline.
    pub(crate) ratio: String,
}

/// One benchmark.
pub(crate) struct Section {
    /// The word on the command line.
    pub(crate) name: &'static str,
    /// What the numbers depend on.
    pub(crate) settings: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// Where the time goes, where a bar is missed.
    pub(crate) remarks: Vec<String>,
}

impl Section {
    /// Settings and table.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("## {}\n\n`cargo xtask bench {}`\n\n", self.name, self.name);
        for setting in &self.settings {
            text += &format!("- {setting}\n");
        }
        text += "\n| workload | measured | bar | baseline | ratio |\n|---|---|---|---|---|\n";
        for r in &self.rows {
            text += &format!(
                "| {} | {} | {} | {} | {} |\n",
                r.workload, r.measured, r.bar, r.baseline, r.ratio
            );
        }
        for remark in &self.remarks {
            text += &format!("\n{remark}\n");
        }
        text
    }

    /// Puts the section into the page, in place of the one before.
    pub(crate) fn write(&self, page: &Path) -> Result<(), String> {
        let wrong = |e: std::io::Error| format!("{}: {e}", page.display());
        let (begin, end) =
            (format!("<!-- begin {} -->", self.name), format!("<!-- end {} -->", self.name));
        let text = std::fs::read_to_string(page).map_err(wrong)?;
        let Some((before, rest)) = text.split_once(&begin) else {
            return Err(format!("{} has no '{begin}'", page.display()));
        };
        let Some((_, after)) = rest.split_once(&end) else {
            return Err(format!("{} has no '{end}'", page.display()));
        };
        let new = format!("{before}{begin}\n{}{end}{after}", self.markdown());
        std::fs::write(page, new).map_err(wrong)
    }
}

/// Says on the terminal what is measured now: the long ones take minutes.
pub(crate) fn now(what: &str) {
    eprintln!("measuring {what}");
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}
