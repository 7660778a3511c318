//! Attachments: people a member is assigned.

use doorward_types::{Channel, Channels, MembershipId, Principal, SubjectId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Attachments, Authority, Catalog, Creator, Gives, Membership};

/// Puts a person among those a member is assigned: it adds reach, no permission (HomeTrak: "People
/// that this Account can View"; Kalix: assigned clients).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Attachment {
    membership: MembershipId,
    subject: SubjectId,
    by: Principal,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
}

impl Attachment {
    /// Attaches a person to a member whose account's class can use these channels. It widens whom the
    /// member reaches, so members attach to themselves only where they may give everything.
    ///
    /// # Errors
    /// [`AttachRejection`] where the kind takes no attachments (office staff), the person is the
    /// member, the account cannot use the portal, or the actor would gain by it.
    pub fn attach(
        membership: &Membership,
        subject: SubjectId,
        catalog: &Catalog,
        channels: &Channels,
        authority: &Authority,
        by: &Principal,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<AttachmentEvent>), AttachRejection> {
        if !channels.contains(Channel::Portal) {
            return Err(AttachRejection::NoPortal);
        }
        let own = authority.actor() == Some(membership.id());
        if own && authority.gives() != Gives::Everything {
            return Err(AttachRejection::OwnAct);
        }
        Self::made(membership, subject, catalog, by, now)
    }

    /// Attaches a person to the member who added them, where the catalog says so for the member's kind
    /// (design 9.4: "a client the member creates is assigned to them"); `None` where it does not.
    ///
    /// # Errors
    /// [`AttachRejection`] where the member was removed or the catalog does not know the kind.
    pub fn of_creator(
        creator: &Membership,
        subject: SubjectId,
        catalog: &Catalog,
        by: &Principal,
        now: OffsetDateTime,
    ) -> Result<Option<(Self, Vec<AttachmentEvent>)>, AttachRejection> {
        let kind = catalog
            .kind(creator.kind())
            .ok_or(AttachRejection::UnknownKind)?;
        match kind.creator() {
            Creator::Stays => Ok(None),
            Creator::IsAttached => Self::made(creator, subject, catalog, by, now).map(Some),
        }
    }

    fn made(
        membership: &Membership,
        subject: SubjectId,
        catalog: &Catalog,
        by: &Principal,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<AttachmentEvent>), AttachRejection> {
        if membership.is_removed() {
            return Err(AttachRejection::MemberRemoved);
        }
        let kind = catalog
            .kind(membership.kind())
            .ok_or(AttachRejection::UnknownKind)?;
        if kind.attachments() == Attachments::Refused {
            return Err(AttachRejection::KindTakesNone {
                kind: membership.kind().clone(),
            });
        }
        if membership
            .person()
            .is_some_and(|person| person == subject.person())
        {
            return Err(AttachRejection::Oneself);
        }
        let attachment = Self {
            membership: membership.id(),
            subject,
            by: by.clone(),
            at: now,
        };
        let event = AttachmentEvent::Attached {
            membership: membership.id(),
            subject,
        };
        Ok((attachment, vec![event]))
    }

    /// Detaches the person (HomeTrak: "Remove selected"); the record goes.
    #[must_use]
    pub fn detach(self) -> Vec<AttachmentEvent> {
        vec![AttachmentEvent::Detached {
            membership: self.membership,
            subject: self.subject,
        }]
    }

    /// Returns to whom.
    #[must_use]
    pub const fn membership(&self) -> MembershipId {
        self.membership
    }

    /// Returns who is attached.
    #[must_use]
    pub const fn subject(&self) -> SubjectId {
        self.subject
    }

    /// Returns who attached them.
    #[must_use]
    pub const fn by(&self) -> &Principal {
        &self.by
    }

    /// Returns when.
    #[must_use]
    pub const fn at(&self) -> OffsetDateTime {
        self.at
    }
}

/// What happened to an attachment.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum AttachmentEvent {
    /// A person was attached.
    Attached {
        /// To whom.
        membership: MembershipId,
        /// Who.
        subject: SubjectId,
    },
    /// A person was detached.
    Detached {
        /// From whom.
        membership: MembershipId,
        /// Who.
        subject: SubjectId,
    },
}

/// An attachment that is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AttachRejection {
    /// Members of this kind are never assigned people (HomeTrak: "a (non-office staff) portal user").
    #[error("people cannot be attached to a member of kind `{kind}`")]
    KindTakesNone {
        /// The kind.
        kind: doorward_types::KindName,
    },
    /// The person is the member.
    #[error("a member is not attached to themselves: their own record is theirs already")]
    Oneself,
    /// The account cannot use the portal (HomeTrak: "MUST be created as an Identity account").
    #[error("the account cannot use the portal: convert it first")]
    NoPortal,
    /// The actor would reach more people by an own act, and may not give everything.
    #[error("members do not attach people to themselves: ask an administrator")]
    OwnAct,
    /// The catalog does not know the member's kind.
    #[error("the catalog does not know the member's kind")]
    UnknownKind,
    /// The member was removed.
    #[error("the member was removed: whoever returns joins anew")]
    MemberRemoved,
}
