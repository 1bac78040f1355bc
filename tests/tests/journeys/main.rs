//! Black-box journeys over HTTP, in one binary, on SQLite and on PostgreSQL.

mod authorization;
mod bad_input;
mod main_job;
mod schema;
mod server;
mod stream;
mod two_servers;
