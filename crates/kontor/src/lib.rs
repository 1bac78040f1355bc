//! The program: composition root, router, command line, embedded console.

pub mod cli;
mod config;
mod console;
mod demo;
mod health;
mod wiring;

pub use config::{Config, MANUAL};
pub use wiring::{App, MIGRATIONS, openapi};
