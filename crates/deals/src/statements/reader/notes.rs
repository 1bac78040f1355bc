//! Warnings: the first ones in full, all of them counted.

use super::types::{Reason, Warning};

/// Collected warnings of one file.
pub(super) struct Notes {
    pub list: Vec<Warning>,
    pub total: u64,
    most: usize,
}

impl Notes {
    pub fn new(most: usize) -> Self {
        Self { list: Vec::new(), total: 0, most }
    }

    /// Remembers a warning. Those about the whole file (line 0) are always listed: they come
    /// last and say the most.
    #[cold]
    pub fn add(&mut self, line: u32, column: &str, code: &'static str, message: String) {
        self.total += 1;
        if self.list.len() < self.most || line == 0 {
            self.list.push(Warning {
                line,
                column: column.to_owned(),
                code: code.to_owned(),
                message,
            });
        }
    }

    /// The first warnings as reasons of a refusal.
    pub fn first(&self, most: usize) -> impl Iterator<Item = Reason> + '_ {
        self.list.iter().filter(|w| w.line > 0).take(most).map(|w| Reason {
            line: w.line,
            column: w.column.clone(),
            message: w.message.clone(),
        })
    }
}
