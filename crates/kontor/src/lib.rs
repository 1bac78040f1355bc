//! The program: composition root, router, command line, embedded console.

pub mod cli;
mod config;
mod config_schema;
mod connections;
mod console;
mod demo;
mod duties;
mod health;
mod openapi;
mod serving;
mod settings;
mod wiring;

pub use config::{Config, MANUAL};
pub use config_schema::config_schema;
pub use wiring::{App, MIGRATIONS, openapi};
