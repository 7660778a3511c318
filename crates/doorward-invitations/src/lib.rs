//! Invitations with attestation, expiry, generations and typed refusals; pure.
//!
//! It decides what may become of an invitation and says so in events. It does not send mail, store
//! records, look up accounts, draw secrets or read a clock: the time, new ids, digests and every fact
//! about the world are arguments.
//!
//! ```text
//!               resend, amend, remind: next generation, the older link ends
//!                  ┌────┐
//!                  │    v                    ┌─ accept ──> Accepted
//!   issue ──────> [ Open ] ──────────────────┼─ decline ─> Declined
//!                  │  now >= expires_at       └─ revoke ──> Revoked
//!                  v
//!              (expired: computed, never stored) ─ replaced ─> Replaced
//! ```
//!
//! ```
//! use doorward_invitations::{
//!     Acceptance, Acceptor, AddressClaim, AddressStanding, Confirmed, Invitation, Issue, Policy,
//!     Sponsor, SponsorVerdict, Status,
//! };
//! use doorward_types::{
//!     AccountId, ClassName, DisplayName, EmailAddress, InvitationId, KindName, MembershipId, Offer,
//!     Purpose, RoleName, Scope, TenantId, Token, TokenSecret,
//! };
//! use time::{Duration, macros::datetime};
//!
//! let now = datetime!(2026-11-22 10:00 UTC);
//! let policy = Policy::seven_days();
//! let tenant = TenantId::made_at(now, [1; 10]);
//! let director = Sponsor::Member(MembershipId::made_at(now, [2; 10]));
//! let offer = Offer::of(KindName::new("practice_user")?).with_role(RoleName::new("clinical")?);
//!
//! let issue = Issue {
//!     id: InvitationId::made_at(now, [3; 10]),
//!     tenant,
//!     address: EmailAddress::new("ana.ruiz@example.org")?,
//!     person: None,
//!     name: Some(DisplayName::new("Ana Ruiz")?),
//!     class: ClassName::new("practice_user")?,
//!     offer,
//!     sworn: [].into(),
//!     sponsor: director,
//!     verdict: SponsorVerdict::Within,
//!     standing: AddressStanding::default(),
//!     digest: TokenSecret::new([7; 32]).digest(),
//! };
//! let (invitation, _events) = Invitation::issue(issue, &policy, now)?;
//! assert_eq!(invitation.status(now), Status::Invited);
//!
//! // The link of the mail, a day later.
//! let token = Token {
//!     purpose: Purpose::Invitation,
//!     scope: Scope::Tenant(tenant),
//!     record: invitation.id().as_uuid(),
//!     generation: invitation.mailing().generation,
//!     secret: TokenSecret::new([7; 32]),
//! };
//! let later = now + Duration::days(1);
//! let matched = invitation.verify(&token, later)?;
//! let acceptance = Acceptance {
//!     acceptor: Acceptor::NewPerson {
//!         matched,
//!         account: AccountId::made_at(later, [4; 10]),
//!         address: AddressClaim::Free,
//!         agreed: [].into(),
//!     },
//!     membership: MembershipId::made_at(later, [5; 10]),
//!     verdict: SponsorVerdict::Within,
//!     request: None,
//! };
//! let (invitation, _events) =
//!     invitation.accept(acceptance, Confirmed::by_post(), &policy, later)?;
//! assert_eq!(invitation.status(later), Status::Accepted);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | topic | items |
//! |---|---|
//! | the record | [`Invitation`], [`State`], [`Status`], [`Mailing`], [`Attested`] |
//! | how long, under what | [`Policy`], [`Lifetime`], [`AttestationRule`], [`AfterExpiry`] |
//! | who vouches | [`Sponsor`], [`SponsorVerdict`], [`Shortfall`] |
//! | commands | [`Issue`], [`Resend`], [`Amend`], [`Adopt`], [`Acceptance`], [`Declining`] and the methods that take them |
//! | refusals | one exhaustive enum a command: [`IssueRejection`], [`AcceptRejection`], ... |
//! | links | [`TokenMatch`], [`TokenRefusal`], [`Inspection`], [`Confirmed`] |
//! | what outsiders read | [`Outward`] |
//! | what happened | [`Event`] |
//! | what time asks for | [`Due`], [`due`] |
//! | many at once | [`plan`], [`Plan`], [`Row`], [`Outcome`], [`adoption_plan`] |

mod address;
mod attested;
mod bulk;
mod command;
mod confirmed;
mod due;
mod event;
mod inspection;
mod invitation;
mod lifetime;
mod mailing;
mod outward;
mod policy;
mod request;
mod sponsor;
mod state;
mod token;

pub use address::{AddressClaim, AddressStanding, OpenInvitation, TenantMember};
pub use attested::{Attested, Sworn};
pub use bulk::{
    Counts, Facts, Identity, Outcome, PersonRef, PersonRefError, Plan, PlannedAmendment,
    PlannedGrant, PlannedInvitation, PlannedRow, ProfileFacts, Refusal, Row, Template, plan,
};
pub use command::{
    AcceptRejection, Acceptance, Acceptor, Adopt, AdoptRejection, Adoption, Amend, AmendRejection,
    DeclineRejection, Decliner, Declining, DeliveryRejection, ExpiryRejection, Issue,
    IssueRejection, RemindRejection, ReplaceRejection, Resend, ResendRejection, RevokeRejection,
    adoption_plan,
};
pub use confirmed::Confirmed;
pub use due::{Due, due};
pub use event::Event;
pub use inspection::{Inspection, Next};
pub use invitation::Invitation;
pub use lifetime::{Lifetime, LifetimeError};
pub use mailing::{DeliveryReport, Mailing};
pub use outward::Outward;
pub use policy::{AfterExpiry, AttestationRule, Policy, PolicyError};
pub use request::RequestDigest;
pub use sponsor::{Shortfall, Sponsor, SponsorVerdict};
pub use state::{
    AcceptPath, Accepted, Closed, DeclinePath, DeclineReason, Declined, Replaced, Revoked, State,
    Status,
};
pub use token::{TokenMatch, TokenRefusal};
