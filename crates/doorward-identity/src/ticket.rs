//! Tickets: the one-purpose mailed tokens that an account holds, by generation and digest.

use std::collections::BTreeMap;

use doorward_types::{Generation, Purpose, Token, TokenDigest};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::SecurityEpoch;

/// A ticket to be opened: the shell asks for the next generation, derives the secret from it, and
/// hands in the digest.
///
/// A generation other than the account's next one makes a ticket that nobody can use.
#[derive(Clone, Copy, Debug)]
pub struct NewTicket {
    /// What [`Tickets::next_generation`] answered.
    pub generation: Generation,
    /// The digest of the secret.
    pub digest: TokenDigest,
    /// The first instant at which it is refused.
    pub expires_at: OffsetDateTime,
}

/// The tickets of one account: at most one is open for each purpose, and each mailing ends the one
/// before (ASVS 6.5.1: a code succeeds once).
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Tickets(BTreeMap<Purpose, Slot>);

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
struct Slot {
    generation: Generation,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    open: Option<Open>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Open {
    digest: TokenDigest,
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
    epoch: SecurityEpoch,
}

impl Tickets {
    /// Returns the generation of the next mailing for this purpose.
    #[must_use]
    pub fn next_generation(&self, purpose: Purpose) -> Generation {
        self.generation(purpose).next()
    }

    /// Returns the generation of the last mailing for this purpose; zero before the first.
    #[must_use]
    pub fn generation(&self, purpose: Purpose) -> Generation {
        self.0
            .get(&purpose)
            .map_or_else(Generation::default, |slot| slot.generation)
    }

    /// Tells whether a mailing that waits for hand-off is still wanted: its ticket is the last of
    /// its purpose, open and not expired (design 5).
    #[must_use]
    pub fn awaits(&self, purpose: Purpose, generation: Generation, now: OffsetDateTime) -> bool {
        self.0.get(&purpose).is_some_and(|slot| {
            slot.generation == generation && slot.open.is_some_and(|open| now < open.expires_at)
        })
    }

    /// Returns when the open ticket for this purpose expires.
    #[must_use]
    pub fn expires_at(&self, purpose: Purpose) -> Option<OffsetDateTime> {
        Some(self.0.get(&purpose)?.open?.expires_at)
    }

    pub(crate) fn check(
        &self,
        purpose: Purpose,
        token: &Token,
        epoch: SecurityEpoch,
        now: OffsetDateTime,
    ) -> Result<(), TicketRefusal> {
        let slot = self.0.get(&purpose).ok_or(TicketRefusal::Unusable)?;
        if token.purpose != purpose {
            return Err(TicketRefusal::Unusable);
        }
        if token.generation < slot.generation {
            return Err(TicketRefusal::Superseded);
        }
        let open = slot.open.ok_or(TicketRefusal::Unusable)?;
        if token.generation != slot.generation || !open.digest.matches(&token.secret) {
            return Err(TicketRefusal::Unusable);
        }
        if open.epoch != epoch && purpose != Purpose::AddressStop {
            return Err(TicketRefusal::Unusable);
        }
        if now >= open.expires_at {
            return Err(TicketRefusal::Expired);
        }
        Ok(())
    }

    pub(crate) fn open(&mut self, purpose: Purpose, ticket: NewTicket, epoch: SecurityEpoch) {
        let NewTicket {
            generation,
            digest,
            expires_at,
        } = ticket;
        let generation = generation.max(self.next_generation(purpose));
        let open = Some(Open {
            digest,
            expires_at,
            epoch,
        });
        self.0.insert(purpose, Slot { generation, open });
    }

    /// Counts a mailing whose secret is kept elsewhere: a temporary password or a PIN.
    pub(crate) fn count(&mut self, purpose: Purpose, generation: Generation) -> Generation {
        let generation = generation.max(self.next_generation(purpose));
        self.0.insert(
            purpose,
            Slot {
                generation,
                open: None,
            },
        );
        generation
    }

    pub(crate) fn close(&mut self, purpose: Purpose) {
        if let Some(slot) = self.0.get_mut(&purpose) {
            slot.open = None;
        }
    }

    /// Closes all but the one that stops a change of address: it outlives every rise of the epoch,
    /// else a thief would shake it off by changing the password.
    pub(crate) fn close_all_but_stop(&mut self) {
        for (purpose, slot) in &mut self.0 {
            if *purpose != Purpose::AddressStop {
                slot.open = None;
            }
        }
    }
}

/// Why a mailed token opens nothing. Unknown, used and wrong ones get one answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TicketRefusal {
    /// The right token, too late.
    #[error("this link has expired: ask for a new one")]
    Expired,
    /// A newer mail has replaced it.
    #[error("a newer mail has replaced this link: use the newest one")]
    Superseded,
    /// Not a token that opens anything here.
    #[error("this link cannot be used")]
    Unusable,
}
