//! Journeys through Doorward: each module is also an example that runs.

pub mod kalix;
