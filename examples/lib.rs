//! Journeys through Doorward: each module is also an example that runs.

extern crate self as doorward_examples;

pub mod alis_connect;
pub mod care_community;
pub mod hometrak_companion;
pub mod kalix;
pub mod world;

/// The README and the guides, whose programs are doc tests.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../README.md")]
    mod readme {}

    #[doc = include_str!("../docs/embedding.md")]
    mod embedding {}

    #[doc = include_str!("../docs/operations.md")]
    mod operations {}
}
