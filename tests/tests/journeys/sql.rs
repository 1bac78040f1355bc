//! Every SQL text of the house is understood by both migrated databases.

use std::path::{Path, PathBuf};

use kontor::MIGRATIONS;
use platform::db::{Db, DbError, Dialect};
use platform::on_both;
use platform::testing::{self, On};
use syn::visit::Visit;

const VERBS: [&str; 5] = ["select ", "insert ", "update ", "delete ", "with "];

/// A text and the file it is in.
pub(crate) struct Sql {
    pub(crate) file: PathBuf,
    pub(crate) text: String,
}

/// Collects the texts of one file; what only tests say is left out.
struct Texts<'a> {
    file: &'a Path,
    found: &'a mut Vec<Sql>,
}

impl<'ast> Visit<'ast> for Texts<'_> {
    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        let text = literal.value();
        if VERBS.iter().any(|verb| text.starts_with(verb)) {
            self.found.push(Sql { file: self.file.to_owned(), text });
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let only_tests = module.attrs.iter().any(|a| a.path().is_ident("cfg"));
        if !only_tests {
            syn::visit::visit_item_mod(self, module);
        }
    }
}

/// Every SQL text under `crates/`.
pub(crate) fn all() -> Vec<Sql> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("crates");
    let (mut folders, mut found) = (vec![crates], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "tests" {
                folders.push(path);
            } else if name.ends_with(".rs") && name != "tests.rs" {
                let file = syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap();
                Texts { file: &path, found: &mut found }.visit_file(&file);
            }
        }
    }
    found
}

impl Sql {
    /// Reads the catalogue of an engine, which the other one does not have.
    pub(crate) fn is_only_for(&self) -> Option<Dialect> {
        let says = |words: &[&str]| words.iter().any(|w| self.text.contains(w));
        if says(&["sqlite_", "pragma_"]) {
            Some(Dialect::Sqlite)
        } else if says(&["pg_", "information_schema", "current_schema"]) {
            Some(Dialect::Postgres)
        } else {
            None
        }
    }
}

async fn every_text_is_understood(on: On) {
    let house = testing::house(on, MIGRATIONS).await.unwrap();
    let bank = testing::house(on, deals::bank::MIGRATIONS).await.unwrap();
    let mut count = 0;
    for sql in all() {
        if sql.is_only_for().is_some_and(|only| only != house.house.db.dialect()) {
            assert!(sql.file.to_string_lossy().contains("platform/src/db"), "{}", sql.text);
            continue;
        }
        // The bank keeps a database of its own.
        let of_bank = sql.file.components().any(|part| part.as_os_str() == "bank");
        let db: &Db = if of_bank { &bank.house.db } else { &house.house.db };
        let text = sql.text.clone();
        let understood: Result<(), DbError> = db.write(move |tx| tx.prepare(&text)).await;
        let understood =
            understood.map_err(|e| format!("{}: {e}\n{}", sql.file.display(), sql.text));
        understood.unwrap();
        count += 1;
    }
    assert!(count > 120, "only {count} texts were found: is the search broken?");
}

on_both!(every_text_is_understood);
