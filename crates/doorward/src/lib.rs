//! Access administration for software that looks after people's records: who may come in, how far,
//! for how long, and who can prove it.
//!
//! This crate joins the rules of the pure crates with two ports, a storage and a mailer, and offers
//! each thing that an administrator, an invitee, somebody signing in or an auditor does as one method
//! of [`Doorward`]. It keeps no database, sends no mail, answers no HTTP request, carries no session
//! cookie and runs no timer: those are the host's. It cannot see what it is not asked, so a host asks
//! [`check`](Doorward::check) before it shows a record.
//!
//! ```text
//!  hosts, examples, benches, fuzz
//!         |
//!  doorward ................ the use cases, over two ports
//!    |      \________________________________________________
//!    |                  |                                     |
//!  doorward-storage     doorward-mail                         |      ports: they know no domain
//!    ^  ^                                                     |
//!    |  doorward-sqlite                                       |
//!    |                                                        v
//!  doorward-memory      doorward-access  doorward-invitations  doorward-identity  doorward-audit
//!                               \______________ doorward-types _____________/
//!
//!  session -> authorise -> Permit<Act> -> use case: reads, a pure rule, one commit -> outcome
//!  ticks of the host: dispatch_once (outbox to mailer), sweep (expiries, reminders, resets)
//! ```
//!
//! # The shortest honest program
//!
//! An office opens, its manager comes in by the mailed link and invites a nurse, who comes in the
//! same way. Then the door is asked.
//!
//! ```
//! use std::{error::Error, sync::Arc};
//!
//! use doorward::{
//!     Admission, Credential, Doorward, FirstAdministrator, Invite, KeyRing, Keys, NewInvitation,
//!     NewTenant, RegisterForm, SecretKey, Setup, SignedIn, StarterLevels, ViewAccess,
//!     access::{Administration, Catalog, Decision, Denial, Reach, Record},
//!     identity::{AccountClass, Activation, Session},
//!     invitations::{Confirmed, Policy, Sworn},
//!     mailer::MemoryMailer,
//!     storage::Limit,
//!     types::{Channel, DisplayName, EmailAddress, Offer, TenantId},
//! };
//! use doorward_memory::MemoryStorage;
//!
//! bitflags::bitflags! {
//!     /// What this host protects.
//!     #[derive(Clone, Copy)]
//!     struct Notes: u8 {
//!         const READ_NOTES = 1;
//!         const WRITE_NOTES = 2;
//!         const MANAGE_USERS = 4;
//!     }
//! }
//!
//! /// Takes the mail, follows its link, registers and signs in.
//! async fn come_in(
//!     door: &Doorward,
//!     mailer: &MemoryMailer,
//!     tenant: TenantId,
//!     name: &str,
//! ) -> Result<Session, Box<dyn Error>> {
//!     door.dispatch_once(mailer, door.now(), Limit::MAX).await?;
//!     let mail = mailer.take().pop().ok_or("no mail was due")?;
//!     let mut lines = mail.text().lines();
//!     let link = lines.find(|line| line.starts_with("https://")).ok_or("no link")?;
//!
//!     let password = "nine green herons stand";
//!     let form = RegisterForm {
//!         name: DisplayName::new(name)?,
//!         password: password.into(),
//!         agreed: [].into(),
//!     };
//!     door.accept_by_link(link, form, Confirmed::by_post(), None).await?;
//!     let address = mail.to().address().as_str();
//!     let credential = Credential::Password(password.into());
//!     match door.sign_in(tenant, Channel::Portal, address, credential, None).await? {
//!         SignedIn::Session(session) => Ok(session),
//!         SignedIn::NewPassword { .. } => Err("nobody has a temporary password here".into()),
//!     }
//! }
//!
//! # pollster::block_on(async {
//! let catalog = Catalog::builder::<Notes>()
//!     .kind("staff", |kind| kind.roles(["nurse", "manager"]).ceiling_of_everything())
//!     .role("nurse", |role| role
//!         .holds(Notes::READ_NOTES, Reach::Any)
//!         .holds(Notes::WRITE_NOTES, Reach::Own))
//!     .role("manager", |role| role.holds(Notes::all(), Reach::Any).gives_everything())
//!     .administered_by(Notes::MANAGE_USERS, Administration::ALL)
//!     .build()?;
//! // A service reads its keys from a key store, outside the database and its backups.
//! let keys = Keys {
//!     token: KeyRing::new(SecretKey::from_bytes([1; 32])),
//!     pin: KeyRing::new(SecretKey::from_bytes([2; 32])),
//! };
//! let class = AccountClass::new("staff".parse()?, [Channel::Portal], Activation::AtAccept);
//! let admission = Admission { class: "staff".parse()?, policy: Policy::seven_days() };
//! let door = Setup::new(DisplayName::new("Notes")?, "https://notes.example", keys, catalog)
//!     .with_class(class)
//!     .with_admission("staff".parse()?, admission)
//!     .open(Arc::new(MemoryStorage::new()));
//! let mailer = MemoryMailer::new();
//!
//! let manager = FirstAdministrator {
//!     email: EmailAddress::new("maria@office.example")?,
//!     name: None,
//!     kind: "staff".parse()?,
//!     role: Some("manager".parse()?),
//!     levels: StarterLevels::OfTheKind,
//! };
//! let office = NewTenant::new(DisplayName::new("The Office")?, manager);
//! let tenant = door.create_tenant(&door.operator(), office).await?.tenant;
//! let maria = come_in(&door, &mailer, tenant, "Maria Vogel").await?;
//!
//! let invitation = NewInvitation {
//!     address: EmailAddress::new("ben@office.example")?,
//!     person: None,
//!     name: None,
//!     offer: Offer::of("staff".parse()?).with_role("nurse".parse()?),
//!     sworn: Sworn::new(),
//! };
//! let permit = door.authorise(&maria, Invite).await?;
//! door.invite(permit, invitation).await?;
//! let ben = come_in(&door, &mailer, tenant, "Ben Okafor").await?;
//!
//! let hers = Record::by(maria.membership);
//! door.check(&ben, Notes::READ_NOTES, &hers).await?.allowed()?;
//! let decision = door.check(&ben, Notes::WRITE_NOTES, &hers).await?;
//! assert_eq!(decision, Decision::Deny(Denial::OutOfReach { held: Reach::Own }));
//!
//! let permit = door.authorise(&maria, ViewAccess).await?;
//! let why = door.explain(&permit, ben.membership, Notes::WRITE_NOTES, &hers).await?;
//! assert_eq!(
//!     why.to_string(),
//!     "`write_notes` over anybody's data is denied: it is held over one's own data only; \
//!      it would be allowed by the role `manager`",
//! );
//! # Ok::<(), Box<dyn Error>>(())
//! # }).unwrap();
//! ```
//!
//! # Map
//!
//! Every use case is a method of [`Doorward`]; what it takes and answers stands at the root.
//!
//! | noun | use cases | words |
//! |---|---|---|
//! | set-up | [`Setup::new`], [`Setup::open`] | [`Admission`], [`Keys`], [`KeyRing`], [`SecretKey`], [`Clock`], [`Entropy`], [`HashingThreads`], [`HashingError`], [`Words`] |
//! | tenants | [`create_tenant`](Doorward::create_tenant), [`tenants`](Doorward::tenants), [`settings`](Doorward::settings), [`replace_access_key`](Doorward::replace_access_key) | [`Operator`], [`NewTenant`], [`Settings`] |
//! | permits | [`authorise`](Doorward::authorise) | [`Act`] and the acts, [`Permit`], [`Caller`], [`Denied`] |
//! | signing in | [`sign_in`](Doorward::sign_in), [`resume`](Doorward::resume) | [`Credential`], [`SignedIn`], [`identity::Session`] |
//! | checks | [`check`](Doorward::check), [`standing`](Doorward::standing), [`availability`](Doorward::availability), [`explain`](Doorward::explain) | [`Snapshot`], [`access::Record`], [`access::Decision`] |
//! | people | [`record_person`](Doorward::record_person), [`import_people`](Doorward::import_people), [`add_relationship`](Doorward::add_relationship) | [`NewPerson`], [`NewRelationship`], [`PersonRow`] |
//! | invitations, by the sponsor | [`invite`](Doorward::invite), [`resend_invitation`](Doorward::resend_invitation), [`amend_invitation`](Doorward::amend_invitation), [`adopt_invitation`](Doorward::adopt_invitation), [`adopt_all_of`](Doorward::adopt_all_of), [`revoke_invitation`](Doorward::revoke_invitation) | [`NewInvitation`], [`AmendForm`], [`Invited`] |
//! | invitations, many at once | [`plan_invitations`](Doorward::plan_invitations), [`invite_many`](Doorward::invite_many) | [`BulkRow`], [`BulkRun`] |
//! | invitations, by the invitee | [`inspect_invitation`](Doorward::inspect_invitation), [`accept_by_link`](Doorward::accept_by_link), [`accept_signed_in`](Doorward::accept_signed_in), [`accept_by_password`](Doorward::accept_by_password), [`decline_by_link`](Doorward::decline_by_link), [`invite_requests`](Doorward::invite_requests) | [`RegisterForm`], [`Joined`], [`InvitationRef`] |
//! | accounts | [`create_account`](Doorward::create_account), [`activate`](Doorward::activate), [`edit_account`](Doorward::edit_account), [`convert_account`](Doorward::convert_account), [`disable_account`](Doorward::disable_account), [`close_account`](Doorward::close_account), [`erase_account`](Doorward::erase_account), [`erase_unmanaged_account`](Doorward::erase_unmanaged_account) | [`NewAccount`], [`AccountForm`], [`AccountDetails`] |
//! | addresses | [`request_address_change`](Doorward::request_address_change), [`propose_address`](Doorward::propose_address), [`prove_address`](Doorward::prove_address), [`stop_address_change`](Doorward::stop_address_change) | [`Reauthentication`], [`AddressProposal`] |
//! | passwords, PINs | [`change_password`](Doorward::change_password), [`request_reset`](Doorward::request_reset), [`reset_password`](Doorward::reset_password), [`issue_temporary_password`](Doorward::issue_temporary_password), [`mail_pin`](Doorward::mail_pin) | [`TemporaryPasswordIssued`], [`LinkRefusal`] |
//! | members | [`edit_access`](Doorward::edit_access), [`preview_access`](Doorward::preview_access), [`change_kind`](Doorward::change_kind), [`hide_features`](Doorward::hide_features), [`disable_access`](Doorward::disable_access), [`remove_member`](Doorward::remove_member) | [`access::Access`], [`Versioned`] |
//! | grants, attachments | [`grant`](Doorward::grant), [`revoke_grant`](Doorward::revoke_grant), [`attach`](Doorward::attach), [`detach`](Doorward::detach) | [`GrantForm`] |
//! | levels, profiles | [`create_level`](Doorward::create_level), [`preview_level`](Doorward::preview_level), [`edit_profile`](Doorward::edit_profile), [`delete_profile`](Doorward::delete_profile), ... | [`access::Level`], [`access::Profile`] |
//! | groups | [`create_group`](Doorward::create_group), [`assign_groups`](Doorward::assign_groups), [`group_members`](Doorward::group_members) | [`GroupRejection`] |
//! | support | [`open_support`](Doorward::open_support), [`close_support`](Doorward::close_support) | [`SupportOpened`], [`Caller::Support`] |
//! | lists | [`members`](Doorward::members), [`access_rows`](Doorward::access_rows), [`pending_invitations`](Doorward::pending_invitations), [`email_statuses`](Doorward::email_statuses), [`invite_form`](Doorward::invite_form) | [`Page`], [`MemberRow`], [`ResidentAccess`], [`InvitationRow`] |
//! | who can see what | [`who_can_see`](Doorward::who_can_see), [`reach_of`](Doorward::reach_of), [`access_report`](Doorward::access_report) | [`Viewer`], [`MemberReach`], [`ReportOptions`] |
//! | the audit log | [`read_audit`](Doorward::read_audit), [`export_audit`](Doorward::export_audit) | [`EntryPage`], [`audit::Query`] |
//! | ticks | [`dispatch_once`](Doorward::dispatch_once), [`sweep`](Doorward::sweep), [`resolve_resets`](Doorward::resolve_resets) | [`Dispatched`], [`Swept`] |
//! | errors | every use case | [`Error`]: [`Denied`], the use case's own rejection, or a [`Fault`] |
//!
//! The rules themselves are in [`access`], [`identity`] and [`invitations`], the log in [`audit`], the
//! ports in [`storage`] and [`mailer`], and the words that they share in [`types`].

mod accept;
mod access_checks;
mod accounts;
mod act;
mod activation;
mod addresses;
mod audit_log;
mod audit_trail;
mod bulk;
mod door;
mod environment;
mod error;
mod form;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod grants;
mod groups;
mod hashing;
mod inviting;
mod keys;
mod lists;
mod mail;
mod members;
mod named_sets;
mod operator;
mod passwords;
mod people;
mod permit;
mod record;
mod report;
mod reviews;
mod settings;
mod setup;
mod sign_in;
mod stored;
mod support;
mod sweep;
mod tenant;
mod together;
mod trace;
mod work;

// The crates it joins.
pub use doorward_access as access;
pub use doorward_audit as audit;
pub use doorward_identity as identity;
pub use doorward_invitations as invitations;
pub use doorward_mail as mailer;
pub use doorward_storage as storage;
pub use doorward_types as types;

// Set-up, the handle, errors.
pub use door::Doorward;
pub use environment::{Clock, Entropy, EntropyError, SystemClock, SystemEntropy};
pub use error::{Error, Fault};
pub use hashing::{HashingError, HashingThreads};
pub use keys::{KeyId, KeyRing, Keys, SecretKey};
pub use mail::{Dispatched, Letter, Links, PlainEnglish, Template, Wording, Words};
pub use setup::{Admission, Setup, Shown};

// Permits, checks, forms.
pub use access_checks::Snapshot;
pub use act::{
    Act, ConfigureTenant, EditLevels, EditMemberDetails, EditProfiles, Export, Grant, Invite,
    ManageAccounts, ManageGroups, ManageMembers, ManagePeople, OpenSupport, OwnAccount, ReadAudit,
    ResetCredentials, ViewAccess,
};
pub use form::{FormVersion, Versioned};
pub use permit::{Caller, Denied, Never, Permit};

// Tenants.
pub use operator::{
    CreateTenantRejection, FirstAdministrator, NewTenant, Operator, OperatorEraseRejection,
    StarterLevels, TenantCreated, TenantRow,
};
pub use settings::{AccessKeyMade, DefaultProfileRejection, Settings};
pub use support::SupportOpened;
pub use tenant::{Tenant, Use};

// People and accounts.
pub use accounts::{
    AccountConverted, AccountDetails, CloseAccountRejection, ConvertAccountRejection,
    DisableAccountRejection, RenameAccountRejection, RestoreAccountRejection,
};
pub use activation::{
    AccountCreated, AccountForm, ActivateRejection, ActivationMailed, CreateAccountRejection,
    NewAccount, YieldRejection,
};
pub use addresses::{
    AddressChangeAsked, AddressChangeRejection, AddressOutcome, AddressProposal,
    ProposeAddressRejection, ProveAddressRejection,
};
pub use passwords::{
    LinkRefusal, PasswordChangeRejection, PasswordChanged, Reauthentication,
    ReauthenticationRefusal, ResetsResolved, SetPasswordRejection, TemporaryPasswordIssued,
    TemporaryPasswordRejection,
};
pub use people::{
    DataAbout, ImportOutcome, NewPerson, NewRelationship, PersonRejection, PersonRow,
    RelateRejection, RelationshipFormRejection, RowRefusal,
};
pub use sign_in::{Credential, SignedIn};

// Invitations.
pub use accept::{AcceptInvitationRejection, InvitationRef, Joined, RegisterForm};
pub use bulk::{BulkOutcome, BulkRow, BulkRowOutcome, BulkRun};
pub use inviting::{Adopted, AmendForm, InviteRejection, Invited, NewInvitation};

// What members hold.
pub use grants::{GiveRejection, GrantForm, SeesGrants};
pub use groups::GroupRejection;
pub use named_sets::{Chooses, NamedSetRejection};

// Reading, ticks.
pub use audit_log::{EntryMark, EntryPage, EntryRow, PersonalData, PersonalField};
pub use lists::{
    Colleague, ContactRow, InvitationRow, InviteForm, InviteRequestRow, MemberRow, Page, PageMark,
    ParsePageMarkError, ProfileChoice, ResidentAccess, RoleChoice,
};
pub use report::ReportOptions;
pub use reviews::{MemberReach, PersonReach, Viewer};
pub use sweep::{SweepFault, SweepTask, Swept};
