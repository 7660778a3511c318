//! Offers.

use doorward::types::{OFFER_MAX_SUBJECTS, Offer};

use crate::law::json_back;

/// A stored offer that is read holds at most ten subjects, each once, and is written as it was
/// read.
///
/// # Panics
/// Where a law does not hold.
pub fn offer(bytes: &[u8]) {
    let Ok(offer) = serde_json::from_slice::<Offer>(bytes) else {
        return;
    };
    let subjects = offer.subjects();
    assert!(
        subjects.len() <= OFFER_MAX_SUBJECTS,
        "an offer is one commit"
    );
    let mut once: Vec<_> = subjects.iter().map(|row| row.subject).collect();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), subjects.len(), "each subject is there once");
    json_back(&offer);
}
