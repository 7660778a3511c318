//! Journeys through Doorward: each module is also an example that runs.

extern crate self as doorward_examples;

pub mod alis_connect;
pub mod kalix;
pub mod world;
