//! Access administration for software that looks after people's records: who may come in, how far,
//! for how long, and who can prove it.

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
mod grants;
mod groups;
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
mod work;

pub use doorward_access as access;
pub use doorward_audit as audit;
pub use doorward_identity as identity;
pub use doorward_invitations as invitations;
pub use doorward_mail as mailer;
pub use doorward_storage as storage;
pub use doorward_types as types;

pub use act::{
    Act, ConfigureTenant, EditLevels, EditMemberDetails, EditProfiles, Export, Grant, Invite,
    ManageAccounts, ManageGroups, ManageMembers, ManagePeople, OpenSupport, OwnAccount, ReadAudit,
    ResetCredentials, ViewAccess,
};
pub use door::Doorward;
pub use environment::{Clock, Entropy, EntropyError, HashingThreads, SystemClock, SystemEntropy};
pub use error::{Error, Fault};
pub use form::{FormVersion, Versioned};
pub use grants::{GiveRejection, GrantForm, SeesGrants};
pub use groups::GroupRejection;
pub use keys::{KeyId, KeyRing, Keys, SecretKey};
pub use mail::{Dispatched, Letter, Links, PlainEnglish, Template, Wording, Words};
pub use named_sets::{Chooses, NamedSetRejection};
pub use operator::{
    CreateTenantRejection, FirstAdministrator, NewTenant, Operator, StarterLevels, TenantCreated,
};
pub use people::{
    DataAbout, ImportOutcome, NewPerson, NewRelationship, PersonRejection, PersonRow,
    RelateRejection, RelationshipFormRejection, RowRefusal,
};
pub use permit::{Caller, Denied, Never, Permit};
pub use settings::{AccessKeyMade, DefaultProfileRejection, Settings};
pub use setup::{Admission, Setup, Shown};
pub use tenant::{Tenant, Use};

pub use accept::{AcceptInvitationRejection, InvitationRef, Joined, RegisterForm};
pub use access_checks::Snapshot;
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
pub use audit_log::{EntryMark, EntryPage, EntryRow, PersonalData, PersonalField};
pub use bulk::{BulkOutcome, BulkRow, BulkRowOutcome, BulkRun};
pub use inviting::{AmendForm, InviteRejection, Invited, NewInvitation};
pub use lists::{
    Colleague, ContactRow, InvitationRow, InviteForm, InviteRequestRow, MemberRow, Page, PageMark,
    ParsePageMarkError, ProfileChoice, ResidentAccess, RoleChoice,
};
pub use passwords::{
    LinkRefusal, PasswordChangeRejection, PasswordChanged, Reauthentication,
    ReauthenticationRefusal, ResetsResolved, SetPasswordRejection, TemporaryPasswordIssued,
    TemporaryPasswordRejection,
};
pub use report::ReportOptions;
pub use reviews::{MemberReach, PersonReach, Viewer};
pub use sign_in::{Credential, SignedIn};
pub use support::SupportOpened;
pub use sweep::{SweepFault, SweepTask, Swept};
