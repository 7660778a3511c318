//! Spans: what a host's `tracing` subscriber sees of a use case.
//!
//! They carry ids, the catalog's and this crate's own words, and counts; never a name, an address,
//! a typed text or a secret, so that a log can be kept where the records cannot. A test reads the
//! whole output of a day.
//!
//! | span | fields |
//! |---|---|
//! | `authorise` | `act`, `tenant`, `principal`, `outcome` |
//! | `sign_in` | `tenant`, `channel`, `outcome` |
//! | `commit` | `scope`, `principal`, `action`, `request`, `items`, `outcome` |
//! | `hand_off` | `scope`, `message`, `attempt`, `outcome` |

use doorward_identity::SignInRefusal;
use doorward_storage::{Applied, Batch, Claimed, CommitError};
use doorward_types::{Channel, Principal, Scope, TenantId};
use tracing::{Span, debug_span, field::Empty};

use crate::{Error, SignedIn, permit::Caller};

pub(crate) fn authorise(act: &'static str, caller: &Caller) -> Span {
    let span = debug_span!(
        "authorise",
        act,
        tenant = Empty,
        principal = Empty,
        outcome = Empty
    );
    match caller {
        Caller::Session(session) => {
            span.record("tenant", tracing::field::display(session.tenant));
            span.record("principal", tracing::field::display(session.account));
        }
        // The agent is a human's name.
        Caller::Support {
            tenant, support, ..
        } => {
            span.record("tenant", tracing::field::display(tenant));
            span.record("principal", tracing::field::display(support));
        }
    }
    span
}

pub(crate) fn sign_in(tenant: TenantId, channel: Channel) -> Span {
    debug_span!("sign_in", %tenant, %channel, outcome = Empty)
}

/// Adds how an attempt ended; the reason is for the host alone.
pub(crate) fn signed_in(span: &Span, outcome: &Result<SignedIn, Error<SignInRefusal>>) {
    let word = match outcome {
        Ok(SignedIn::Session(_)) => "session",
        Ok(SignedIn::NewPassword { .. }) => "new_password",
        Err(Error::Rejected(refusal)) => refusal.reason().as_str(),
        Err(Error::Denied(denied)) => denied.code(),
        Err(Error::Fault(_)) => "fault",
    };
    span.record("outcome", word);
}

pub(crate) fn commit(scope: Scope, principal: &Principal, action: Option<&str>) -> Span {
    let span = debug_span!(
        "commit",
        scope = Empty,
        principal = Empty,
        action,
        request = Empty,
        items = Empty,
        outcome = Empty
    );
    if let Scope::Tenant(tenant) = scope {
        span.record("scope", tracing::field::display(tenant));
    } else {
        span.record("scope", "directory");
    }
    match principal {
        Principal::Account { account, .. } => {
            span.record("principal", tracing::field::display(account));
        }
        Principal::Support { support, .. } => {
            span.record("principal", tracing::field::display(support));
        }
        Principal::Operator | Principal::System | Principal::Anonymous => {
            span.record("principal", principal.kind());
        }
    }
    span
}

/// Adds what is known when the batch stands.
pub(crate) fn batched(span: &Span, batch: &Batch) {
    if let Some(request) = &batch.request {
        span.record("request", tracing::field::display(request.key.id));
    }
    span.record("items", batch.item_count());
}

/// Adds how a commit ended.
pub(crate) fn committed(span: &Span, outcome: &Result<Applied, CommitError>) {
    let word = match outcome {
        Ok(Applied::Now { .. }) => "applied",
        Ok(Applied::Before { .. }) => "applied_before",
        Err(CommitError::Precondition { .. }) => "changed_by_others",
        Err(CommitError::UniqueTaken { .. }) => "taken",
        Err(CommitError::TooLarge(_)) => "too_large",
        Err(CommitError::IdempotencyMismatch) => "request_reused",
        Err(CommitError::Backend(error)) => {
            tracing::warn!(parent: span, kind = ?error.kind(), outcome = ?error.outcome(), "storage failed");
            "storage_failed"
        }
    };
    span.record("outcome", word);
}

pub(crate) fn hand_off(claimed: &Claimed) -> Span {
    debug_span!(
        "hand_off",
        scope = %claimed.message.scope,
        message = %claimed.message.id,
        attempt = claimed.attempt,
        outcome = Empty
    )
}
