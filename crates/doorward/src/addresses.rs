//! Changes of address: asked for, proved by the new one, stopped by the old one.
//!
//! ```text
//!   request ──mail to the new address──> prove ──> the new address signs in
//!      │                                   ╷
//!      └──mail to the old address──> stop, for 72 hours from the request, before or after the proof
//! ```

mod change;
mod propose;
mod prove;

pub use change::{AddressChangeAsked, AddressChangeRejection};
pub use propose::{AddressOutcome, AddressProposal, ProposeAddressRejection};
pub use prove::ProveAddressRejection;
