//! Idempotency: one request is applied once, however often it is sent.

use std::fmt;

use uuid::Uuid;

use crate::{Micros, RecordId, Scope};

/// Whose request it is, and which.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RequestKey {
    /// The scope in which the principal acts.
    pub scope: Scope,
    /// Who acts; where nobody is signed in, the record that the presented secret belongs to.
    pub principal: RecordId,
    /// The id that the host gave the act.
    pub id: Uuid,
}

/// The idempotency part of a batch.
///
/// The key lives at least [`Request::LIVES_FOR_DAYS`] from `at`.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Request {
    /// Whose request it is, and which.
    pub key: RequestKey,
    /// SHA-256 of use case and arguments without secrets; never of the batch, whose ids, tokens
    /// and instants differ when the request is sent again.
    pub digest: [u8; 32],
    /// What a resend is answered: the ids made, at most 1 KiB, no secret.
    pub receipt: Vec<u8>,
    /// When it was made.
    pub at: Micros,
}

impl Request {
    /// The longest receipt, in bytes.
    pub const MAX_RECEIPT_LEN: usize = 1_024;
    /// How many days a key is remembered at least.
    pub const LIVES_FOR_DAYS: i64 = 7;
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("key", &self.key)
            .field("receipt", &format_args!("{} bytes", self.receipt.len()))
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// What is remembered of a request.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Receipt {
    /// The digest that the request came with.
    pub digest: [u8; 32],
    /// The receipt that it left.
    pub body: Vec<u8>,
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}
