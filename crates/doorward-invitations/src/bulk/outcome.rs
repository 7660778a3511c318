//! Outcomes: what a plan says about a row.

use doorward_types::{
    ClassName, DisplayName, EmailAddress, EmailError, InvitationId, MembershipId, Offer, PersonId,
    SubjectOffer, TenantId, TokenDigest,
};

use crate::{AddressStanding, Issue, Shortfall, Sponsor, SponsorVerdict, Sworn};

/// What becomes of a row. Each row has exactly one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// An invitation goes out, with the subjects of the rows that join it.
    Ready(PlannedInvitation),
    /// The open invitation of the address is amended, with the subjects of the rows that join.
    Amend(PlannedAmendment),
    /// The person is a member: the grant is made directly, with a mail (design 5).
    GrantDirectly(PlannedGrant),
    /// Its subject goes with an earlier row of the same person: one invitation, one mail.
    Joins {
        /// The row that carries it.
        row: u32,
    },
    /// Nothing is done for it.
    Refused(Refusal),
}

impl Outcome {
    /// Returns the word for it, by which reports count.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ready(_) => "ready",
            Self::Amend(_) => "amend",
            Self::GrantDirectly(_) => "grant_directly",
            Self::Joins { .. } => "joins",
            Self::Refused(refusal) => refusal.name(),
        }
    }
}

/// An invitation that a plan would issue.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlannedInvitation {
    /// To which address.
    pub address: EmailAddress,
    /// To which person of the tenant, if known.
    pub person: Option<PersonId>,
    /// Whom it names.
    pub name: Option<DisplayName>,
    /// The class of account.
    pub class: ClassName,
    /// What it offers, at most ten subjects.
    pub offer: Offer,
    /// What was sworn, by subject.
    pub sworn: Sworn,
    /// The rows whose subjects it carries, its own first.
    pub rows: Vec<u32>,
}

impl PlannedInvitation {
    /// Returns the command that issues it; the facts are looked up again, and decide.
    #[must_use]
    pub fn into_issue(
        self,
        id: InvitationId,
        tenant: TenantId,
        sponsor: Sponsor,
        verdict: SponsorVerdict,
        standing: AddressStanding,
        digest: TokenDigest,
    ) -> Issue {
        Issue {
            id,
            tenant,
            address: self.address,
            person: self.person,
            name: self.name,
            class: self.class,
            offer: self.offer,
            sworn: self.sworn,
            sponsor,
            verdict,
            standing,
            digest,
        }
    }
}

/// An amendment that a plan would make.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlannedAmendment {
    /// Of which open invitation.
    pub invitation: InvitationId,
    /// The subjects to add.
    pub add: Vec<SubjectOffer>,
    /// What was sworn, by subject.
    pub sworn: Sworn,
    /// The rows whose subjects it adds, its own first.
    pub rows: Vec<u32>,
}

/// A grant that a plan would make to a member.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlannedGrant {
    /// To whom.
    pub membership: MembershipId,
    /// Over whom, under which profile, for how long.
    pub subject: SubjectOffer,
    /// What was sworn about that subject.
    pub sworn: Sworn,
}

/// Why nothing is done for a row: says what is wrong and what would be right.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The row has no address.
    #[error("the row has no address: add one")]
    NoAddress,
    /// The row's address is none.
    #[error("the address cannot be used: {0}")]
    BadAddress(EmailError),
    /// The address is another person's here, by record or by an earlier row (design 9.10).
    #[error("the address belongs to another person{}: give this one their own",
        row.map(|row| format!(" (row {row})")).unwrap_or_default())]
    AddressOfAnotherPerson {
        /// The earlier row, if it was one.
        row: Option<u32>,
    },
    /// An earlier row invites the same person at another address: one person has one account.
    #[error("row {row} invites the same person at another address: keep one of them")]
    PersonAtOtherAddress {
        /// The earlier row.
        row: u32,
    },
    /// The row needs a subject.
    #[error("the row names nobody whose information is shared: name a subject")]
    NoSubject,
    /// The row names no profile, and there is no default.
    #[error("the row names no profile: choose one")]
    NoProfile,
    /// The tenant has no such profile.
    #[error("there is no profile `{}`: choose one of the tenant's", name.escape_debug())]
    UnknownProfile {
        /// The name in the file, cut to the length of a display name.
        name: String,
    },
    /// Nothing was sworn, or beside other words than the present ones.
    #[error("confirm that this person may see the subject's information")]
    NoAttestation,
    /// The sponsor may not give it.
    #[error("above the sponsor's own rights: {0}")]
    AboveCeiling(Shortfall),
    /// An earlier row says the same.
    #[error("row {row} says the same")]
    DuplicateInFile {
        /// The earlier row.
        row: u32,
    },
    /// An open invitation to the address offers that already.
    #[error("invitation `{invitation}` offers that already: resend it if need be")]
    AlreadyOpen {
        /// The open one.
        invitation: InvitationId,
    },
    /// A member has that already.
    #[error("`{membership}` has that already")]
    AlreadyMember {
        /// The member.
        membership: MembershipId,
    },
    /// The invitation holds ten subjects: amend it once it is out, or grant after it is accepted.
    #[error("the person's invitation holds 10 subjects: add this one in a second run")]
    TooManySubjects,
}

impl Refusal {
    /// Returns the word for it, by which reports count.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoAddress => "no_address",
            Self::BadAddress(_) => "bad_address",
            Self::AddressOfAnotherPerson { .. } => "address_of_another_person",
            Self::PersonAtOtherAddress { .. } => "person_at_other_address",
            Self::NoSubject => "no_subject",
            Self::NoProfile => "no_profile",
            Self::UnknownProfile { .. } => "unknown_profile",
            Self::NoAttestation => "no_attestation",
            Self::AboveCeiling(_) => "above_ceiling",
            Self::DuplicateInFile { .. } => "duplicate_in_file",
            Self::AlreadyOpen { .. } => "already_open",
            Self::AlreadyMember { .. } => "already_member",
            Self::TooManySubjects => "too_many_subjects",
        }
    }
}
