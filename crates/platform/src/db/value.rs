//! Values that go into statements and rows that come out, the same for both engines.

use std::sync::Arc;

use kernel::ids::Uuid;
use kernel::{Asset, Exact, Month, Timestamp};

use super::error::DbError;

/// One bound parameter or one cell: only what both databases agree on.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL null.
    Null,
    /// `bigint`.
    Int(i64),
    /// `text`.
    Text(String),
    /// `bytea` / `blob`.
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}

impl From<i32> for Value {
    fn from(v: i32) -> Self {
        Self::Int(i64::from(v))
    }
}

impl From<u32> for Value {
    fn from(v: u32) -> Self {
        Self::Int(i64::from(v))
    }
}

impl From<bool> for Value {
    fn from(v: bool) -> Self {
        Self::Int(i64::from(v))
    }
}

impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(v.to_owned())
    }
}

impl From<String> for Value {
    fn from(v: String) -> Self {
        Self::Text(v)
    }
}

impl From<&String> for Value {
    fn from(v: &String) -> Self {
        Self::Text(v.clone())
    }
}

impl From<Vec<u8>> for Value {
    fn from(v: Vec<u8>) -> Self {
        Self::Blob(v)
    }
}

impl From<Uuid> for Value {
    fn from(v: Uuid) -> Self {
        Self::Text(v.to_string())
    }
}

impl From<Timestamp> for Value {
    fn from(v: Timestamp) -> Self {
        Self::Int(v.micros())
    }
}

impl From<Month> for Value {
    fn from(v: Month) -> Self {
        Self::Int(i64::from(v.index()))
    }
}

impl From<Asset> for Value {
    fn from(v: Asset) -> Self {
        Self::Text(v.code().to_owned())
    }
}

impl From<Exact> for Value {
    fn from(v: Exact) -> Self {
        Self::Text(v.to_string())
    }
}

impl From<&serde_json::Value> for Value {
    fn from(v: &serde_json::Value) -> Self {
        Self::Text(v.to_string())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(v: Option<T>) -> Self {
        v.map_or(Self::Null, Into::into)
    }
}

/// Builds the parameter list of a statement: `params![id, amount, None::<i64>]`.
#[macro_export]
macro_rules! params {
    ($($v:expr),* $(,)?) => { &[$($crate::db::Value::from($v)),*] };
}

/// One row of an answer; cells are asked for by column name.
#[derive(Debug, Clone)]
pub struct Row {
    pub(super) columns: Arc<[String]>,
    pub(crate) cells: Vec<Value>,
}

impl Row {
    fn cell(&self, column: &str) -> Result<&Value, DbError> {
        let at = self.columns.iter().position(|c| c == column);
        at.and_then(|i| self.cells.get(i))
            .ok_or_else(|| DbError::Type(format!("no column '{column}' in the answer")))
    }

    /// A `bigint` that is not null.
    pub fn int(&self, column: &str) -> Result<i64, DbError> {
        match self.cell(column)? {
            Value::Int(v) => Ok(*v),
            other => Err(mismatch(column, "a bigint", other)),
        }
    }

    /// A `text` that is not null.
    pub fn text(&self, column: &str) -> Result<String, DbError> {
        match self.cell(column)? {
            Value::Text(v) => Ok(v.clone()),
            other => Err(mismatch(column, "a text", other)),
        }
    }

    /// A `bytea` / `blob` that is not null.
    pub fn blob(&self, column: &str) -> Result<Vec<u8>, DbError> {
        match self.cell(column)? {
            Value::Blob(v) => Ok(v.clone()),
            other => Err(mismatch(column, "a blob", other)),
        }
    }

    /// A `bigint` or null.
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, DbError> {
        match self.cell(column)? {
            Value::Null => Ok(None),
            _ => self.int(column).map(Some),
        }
    }

    /// A `text` or null.
    pub fn opt_text(&self, column: &str) -> Result<Option<String>, DbError> {
        match self.cell(column)? {
            Value::Null => Ok(None),
            _ => self.text(column).map(Some),
        }
    }

    /// A `bytea` / `blob` or null.
    pub fn opt_blob(&self, column: &str) -> Result<Option<Vec<u8>>, DbError> {
        match self.cell(column)? {
            Value::Null => Ok(None),
            _ => self.blob(column).map(Some),
        }
    }

    /// A flag kept as 0 or 1.
    pub fn flag(&self, column: &str) -> Result<bool, DbError> {
        self.int(column).map(|v| v != 0)
    }

    /// A moment kept as microseconds.
    pub fn time(&self, column: &str) -> Result<Timestamp, DbError> {
        self.int(column).map(Timestamp)
    }

    /// A moment or null.
    pub fn opt_time(&self, column: &str) -> Result<Option<Timestamp>, DbError> {
        Ok(self.opt_int(column)?.map(Timestamp))
    }

    /// Anything that is written as text: typed ids, currencies, exact decimals, enums.
    pub fn parse<T: std::str::FromStr>(&self, column: &str) -> Result<T, DbError>
    where
        T::Err: std::fmt::Display,
    {
        let text = self.text(column)?;
        text.parse().map_err(|e| DbError::Type(format!("column '{column}': {e}")))
    }

    /// As [`Row::parse`], or null.
    pub fn opt_parse<T: std::str::FromStr>(&self, column: &str) -> Result<Option<T>, DbError>
    where
        T::Err: std::fmt::Display,
    {
        match self.cell(column)? {
            Value::Null => Ok(None),
            _ => self.parse(column).map(Some),
        }
    }

    /// JSON kept as text.
    pub fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, DbError> {
        serde_json::from_str(&self.text(column)?)
            .map_err(|e| DbError::Type(format!("column '{column}': {e}")))
    }

    /// JSON kept as text, or null.
    pub fn opt_json<T: serde::de::DeserializeOwned>(
        &self,
        column: &str,
    ) -> Result<Option<T>, DbError> {
        match self.cell(column)? {
            Value::Null => Ok(None),
            _ => self.json(column).map(Some),
        }
    }
}

fn mismatch(column: &str, want: &str, got: &Value) -> DbError {
    let got = match got {
        Value::Null => "null",
        Value::Int(_) => "a bigint",
        Value::Text(_) => "a text",
        Value::Blob(_) => "a blob",
    };
    DbError::Type(format!("column '{column}' is {got} where {want} was expected"))
}
