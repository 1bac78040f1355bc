//! Black-box journeys over HTTP; see `tests/journeys`.
