//! Black-box journeys over HTTP, in one binary, on SQLite and on PostgreSQL.

mod authorization;
mod bad_input;
mod capital;
mod generated;
mod idempotency;
mod main_job;
mod sql;
mod stream;
mod two_servers;
