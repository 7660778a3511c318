//! The invitation: one aggregate, whose commands are in `command`.

use doorward_types::{
    ClassName, Delivery, DisplayName, EmailAddress, InvitationId, Offer, PersonId, TenantId,
};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::{Attested, Closed, Lifetime, Mailing, Sponsor, State, Status};

/// The record of an offer to join a tenant.
///
/// The invitation is the record; its link is a replaceable part (see [`Mailing`]). Every command
/// takes the invitation and returns what it became with what happened, or why not. A tenant has at
/// most one open invitation for an address: the shell claims the address while
/// [`is_open`](Self::is_open).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Invitation {
    pub(crate) id: InvitationId,
    pub(crate) tenant: TenantId,
    pub(crate) address: EmailAddress,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) person: Option<PersonId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<DisplayName>,
    pub(crate) class: ClassName,
    pub(crate) offer: Offer,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) attested: Vec<Attested>,
    pub(crate) sponsor: Sponsor,
    #[serde(with = "time::serde::rfc3339")]
    pub(crate) issued_at: OffsetDateTime,
    pub(crate) lifetime: Lifetime,
    pub(crate) mailing: Mailing,
    #[serde(default)]
    pub(crate) resend_count: u32,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    pub(crate) reminded_at: Option<OffsetDateTime>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "time::serde::rfc3339::option"
    )]
    pub(crate) expiry_noted_at: Option<OffsetDateTime>,
    pub(crate) state: State,
}

impl Invitation {
    /// Returns its id; the same through every resend.
    #[must_use]
    pub const fn id(&self) -> InvitationId {
        self.id
    }

    /// Returns the tenant that invites.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Returns the invited address.
    #[must_use]
    pub const fn address(&self) -> &EmailAddress {
        &self.address
    }

    /// Returns the tenant's record of the invited person, if it has one.
    #[must_use]
    pub const fn person(&self) -> Option<PersonId> {
        self.person
    }

    /// Returns whom the invitation names.
    #[must_use]
    pub const fn name(&self) -> Option<&DisplayName> {
        self.name.as_ref()
    }

    /// Returns the class of account it makes.
    #[must_use]
    pub const fn class(&self) -> &ClassName {
        &self.class
    }

    /// Returns what it offers.
    #[must_use]
    pub const fn offer(&self) -> &Offer {
        &self.offer
    }

    /// Returns what was sworn, in the order in which it was.
    #[must_use]
    pub fn attested(&self) -> &[Attested] {
        &self.attested
    }

    /// Returns who vouches for it now.
    #[must_use]
    pub const fn sponsor(&self) -> Sponsor {
        self.sponsor
    }

    /// Returns when it was first made.
    #[must_use]
    pub const fn issued_at(&self) -> OffsetDateTime {
        self.issued_at
    }

    /// Returns how long its links are good for.
    #[must_use]
    pub const fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    /// Returns the latest mailing: the one link that works.
    #[must_use]
    pub const fn mailing(&self) -> &Mailing {
        &self.mailing
    }

    /// Returns what became of the latest mail.
    #[must_use]
    pub const fn delivery(&self) -> Delivery {
        self.mailing.delivery.status
    }

    /// Returns how often it was sent again; reminders and amendments do not count.
    #[must_use]
    pub const fn resend_count(&self) -> u32 {
        self.resend_count
    }

    /// Returns when the reminder of the present clock went out, if it did.
    #[must_use]
    pub const fn reminded_at(&self) -> Option<OffsetDateTime> {
        self.reminded_at
    }

    /// Returns when its expiry was noted, if it was.
    #[must_use]
    pub const fn expiry_noted_at(&self) -> Option<OffsetDateTime> {
        self.expiry_noted_at
    }

    /// Returns the stored state.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Tells whether it is stored as open: it holds the claim to its address, expired or not.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Returns what a list shows at this instant.
    #[must_use]
    pub fn status(&self, now: OffsetDateTime) -> Status {
        match self.state {
            State::Open if self.mailing.has_expired(now) => Status::Expired,
            State::Open => Status::Invited,
            State::Accepted(_) => Status::Accepted,
            State::Declined(_) => Status::Declined,
            State::Revoked(_) => Status::Revoked,
            State::Replaced(_) => Status::Replaced,
        }
    }

    /// Returns for how long it can still be answered, if it can (ALIS: "Invitation expires in 30
    /// days").
    #[must_use]
    pub fn expires_in(&self, now: OffsetDateTime) -> Option<Duration> {
        self.is_open()
            .then(|| self.mailing.expires_in(now))
            .flatten()
    }

    /// Returns the same in days, each begun one counted: what a list or a mail says.
    ///
    /// It is 30 when a 30-day invitation goes out, and 1 in its last 24 hours.
    #[must_use]
    pub fn days_left(&self, now: OffsetDateTime) -> Option<i64> {
        let left = self.expires_in(now)?;
        let whole = left.whole_days();
        let has_begun = left > Duration::days(whole);
        Some(whole.saturating_add(i64::from(has_begun)))
    }

    pub(crate) fn check_open(&self) -> Result<(), Closed> {
        self.state.closed().map_or(Ok(()), Err)
    }
}
