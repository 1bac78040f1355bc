//! The one error type that crosses rooms. It knows nothing of HTTP: one file of the HTTP kit
//! maps a [`Kind`] to a status code.

use std::fmt;

use serde_json::Value;

/// What went wrong, coarse enough to decide how a caller should react.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The thing asked for does not exist (or must not be seen).
    NotFound,
    /// A field has a value that is not allowed; `details.field` names it.
    Invalid,
    /// The request cannot be parsed at all.
    Malformed,
    /// The request is larger than the limit.
    TooLarge,
    /// The thing is in another state, or somebody else was faster.
    Conflict,
    /// The caller is known and may not do this.
    Denied,
    /// The caller is not known.
    Unauthenticated,
    /// Too many requests.
    TooMany,
    /// An engine is away; the same request may succeed later.
    Unavailable,
    /// A defect of the house. The text is for the log only.
    Internal,
}

/// An error with a stable, documented code (`docs/errors.md`) and a sentence for a person.
#[derive(Debug)]
pub struct Error {
    /// Coarse class.
    pub kind: Kind,
    /// Stable snake_case code.
    pub code: &'static str,
    /// What was wrong and what is allowed, in one sentence.
    pub message: String,
    /// Machine-readable particulars: `field`, `allowed`, `line`, ...
    pub details: Option<Value>,
    /// The cause, for the log.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Result with the house's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind` with a stable code and a sentence.
    pub fn new(kind: Kind, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), details: None, source: None }
    }

    /// A field has a value that is not allowed.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, "invalid_field", message).with("field", field)
    }

    /// Something does not exist.
    pub fn not_found(what: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, what, message)
    }

    /// Wrong state, or somebody else was faster.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Kind::Conflict, code, message)
    }

    /// A defect; the message goes to the log, the caller sees a fixed sentence.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, "internal", message)
    }

    /// Adds one entry to `details`.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        let details = self.details.get_or_insert_with(|| Value::Object(serde_json::Map::new()));
        if let Value::Object(map) = details {
            map.insert(key.to_owned(), value.into());
        }
        self
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Box::new(source));
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}
