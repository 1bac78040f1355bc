//! The only thing two modules share: public events with their schemas, and the few object-safe
//! ports between modules. Owners implement the ports; the composition root hands them over.

pub mod deals;
pub mod policy;
pub mod ports;
pub mod schemas;

pub use ports::{Authorizer, Danger, Grant, Key, Settings, Snapshot};
