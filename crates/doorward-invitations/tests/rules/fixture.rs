//! What the tests share: one tenant, one resident's daughter, one director.

use doorward_invitations::{
    Acceptance, Acceptor, AddressClaim, AddressStanding, Invitation, Issue, Policy, Shortfall,
    Sponsor, SponsorVerdict, Sworn, TokenMatch,
};
use doorward_types::{
    AccountId, ClassName, DisplayName, EmailAddress, Generation, InvitationId, KindName,
    MembershipId, Offer, PermissionName, PersonId, ProfileId, Purpose, Scope, Statement,
    StatementName, SubjectId, SubjectOffer, TenantId, Token, TokenDigest, TokenSecret, Window,
};
use time::{Duration, OffsetDateTime, macros::datetime};

pub(crate) const START: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);
pub(crate) const MICRO: Duration = Duration::MICROSECOND;

pub(crate) fn tenant() -> TenantId {
    TenantId::made_at(START, [1; 10])
}

pub(crate) fn member(n: u8) -> MembershipId {
    MembershipId::made_at(START, [n; 10])
}

pub(crate) fn account(n: u8) -> AccountId {
    AccountId::made_at(START, [n; 10])
}

pub(crate) fn person(n: u8) -> PersonId {
    PersonId::made_at(START, [n; 10])
}

pub(crate) fn subject(n: u8) -> SubjectId {
    person(n).into()
}

pub(crate) fn invitation_id(n: u8) -> InvitationId {
    InvitationId::made_at(START, [n; 10])
}

pub(crate) fn profile() -> ProfileId {
    ProfileId::made_at(START, [3; 10])
}

pub(crate) fn address() -> EmailAddress {
    EmailAddress::new("Ana.Ruiz@example.org").unwrap()
}

pub(crate) fn other_address() -> EmailAddress {
    EmailAddress::new("eva@example.org").unwrap()
}

pub(crate) fn words() -> Statement {
    let name = StatementName::new("sensitive_information").unwrap();
    Statement::of(
        name,
        1,
        "This user is authorized to view the resident's sensitive information.",
    )
}

pub(crate) fn terms(version: u32) -> Statement {
    Statement::of(
        StatementName::new("terms").unwrap(),
        version,
        "Terms and Conditions",
    )
}

pub(crate) fn privacy() -> Statement {
    Statement::of(StatementName::new("privacy").unwrap(), 1, "Privacy Policy")
}

/// ALIS contact: 30 days, sworn for each resident.
pub(crate) fn contact_policy() -> Policy {
    Policy::thirty_days().with_attestation(words())
}

/// Kalix user: 7 days, terms and privacy policy.
pub(crate) fn staff_policy() -> Policy {
    Policy::seven_days()
        .with_terms(terms(1))
        .with_terms(privacy())
}

pub(crate) fn subject_offer(n: u8) -> SubjectOffer {
    SubjectOffer {
        subject: subject(n),
        profile: profile(),
        window: Window::since(START),
    }
}

pub(crate) fn sworn(subjects: impl IntoIterator<Item = u8>) -> Sworn {
    subjects
        .into_iter()
        .map(|n| (subject(n), words()))
        .collect()
}

/// The secret of the n-th mailing.
pub(crate) fn secret(generation: u32) -> TokenSecret {
    let mut bytes = [9; 32];
    bytes[..4].copy_from_slice(&generation.to_be_bytes());
    TokenSecret::new(bytes)
}

pub(crate) fn digest(generation: u32) -> TokenDigest {
    secret(generation).digest()
}

pub(crate) fn nth(generation: u32) -> Generation {
    (1..generation).fold(Generation::FIRST, |generation, _| generation.next())
}

/// The link of the n-th mail.
pub(crate) fn link(generation: u32) -> Token {
    Token {
        purpose: Purpose::Invitation,
        scope: Scope::Tenant(tenant()),
        record: invitation_id(1).as_uuid(),
        generation: nth(generation),
        secret: secret(generation),
    }
}

/// A contact of one resident.
pub(crate) fn contact_issue() -> Issue {
    Issue {
        id: invitation_id(1),
        tenant: tenant(),
        address: address(),
        person: Some(person(50)),
        name: Some(DisplayName::new("Ana Ruiz").unwrap()),
        class: ClassName::new("contact").unwrap(),
        offer: Offer::of(KindName::new("contact").unwrap())
            .with_subject(subject_offer(1))
            .unwrap(),
        sworn: sworn([1]),
        sponsor: Sponsor::Member(member(1)),
        verdict: SponsorVerdict::Within,
        standing: AddressStanding::default(),
        digest: digest(1),
    }
}

/// A user of a practice, without subjects.
pub(crate) fn staff_issue() -> Issue {
    Issue {
        person: None,
        class: ClassName::new("practice_user").unwrap(),
        offer: Offer::of(KindName::new("practice_user").unwrap()),
        sworn: Sworn::new(),
        ..contact_issue()
    }
}

pub(crate) fn contact() -> Invitation {
    Invitation::issue(contact_issue(), &contact_policy(), START)
        .unwrap()
        .0
}

pub(crate) fn staff() -> Invitation {
    Invitation::issue(staff_issue(), &staff_policy(), START)
        .unwrap()
        .0
}

pub(crate) fn above() -> SponsorVerdict {
    SponsorVerdict::lacking([PermissionName::new("view_bills").unwrap()])
}

pub(crate) fn shortfall() -> Shortfall {
    Shortfall::Permissions([PermissionName::new("view_bills").unwrap()].into())
}

pub(crate) fn register(matched: TokenMatch, n: u8) -> Acceptance {
    Acceptance {
        acceptor: Acceptor::NewPerson {
            matched,
            account: account(n),
            address: AddressClaim::Free,
            agreed: [terms(1), privacy()].into(),
        },
        membership: member(100 + n),
        verdict: SponsorVerdict::Within,
        request: None,
    }
}

pub(crate) fn sign_in(n: u8, verified: EmailAddress) -> Acceptance {
    Acceptance {
        acceptor: Acceptor::Account {
            account: account(n),
            verified,
            member: None,
        },
        membership: member(100 + n),
        verdict: SponsorVerdict::Within,
        request: None,
    }
}
