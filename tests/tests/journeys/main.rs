//! Black-box journeys over HTTP, in one binary, on SQLite and on PostgreSQL.

mod authorization;
mod bad_input;
mod books;
mod capital;
mod commands;
mod figures;
mod filled;
mod foreign;
mod generated;
mod idempotency;
mod letters;
mod limits;
mod main_job;
mod own;
mod plans;
mod policy;
mod roles;
mod simulation;
mod sql;
mod stream;
mod traces;
mod two_servers;
mod upgrade;
