//! Commands: one file each. Every one takes the invitation and answers what it became and what
//! happened, or why not; none changes a final state.

mod accept;
mod adopt;
mod amend;
mod decline;
mod delivery;
mod expire;
mod issue;
mod remind;
mod replace;
mod resend;
mod revoke;

pub use accept::{AcceptRejection, Acceptance, Acceptor};
pub use adopt::{Adopt, AdoptRejection, Adoption, adoption_plan};
pub use amend::{Amend, AmendRejection};
pub use decline::{DeclineRejection, Decliner, Declining};
pub use delivery::DeliveryRejection;
pub use expire::ExpiryRejection;
pub use issue::{Issue, IssueRejection};
pub use remind::RemindRejection;
pub use replace::ReplaceRejection;
pub use resend::{Resend, ResendRejection};
pub use revoke::RevokeRejection;
