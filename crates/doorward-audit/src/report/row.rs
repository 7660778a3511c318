//! Rows: one person over one subject, or one person alone.

use std::{collections::BTreeSet, fmt};

use doorward_types::{
    ClassName, Delivery, DisplayName, EmailAddress, KindName, MembershipId, PermissionName,
    PersonId, Principal, RoleName, StatementName, SubjectId, UserName,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{
    flag::{Flag, FlagRules, SharedAddresses},
    status::AccessStatus,
    why::HeldPermission,
};

/// One person's access to one subject, or to the tenant as a whole where `subject` is `None`.
///
/// Plain data: who fills it leaves `None` what is not known or does not apply. Instants are UTC.
#[derive(Clone, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AccessRow {
    /// What the tenant is called.
    pub community: DisplayName,
    /// Whose data.
    pub subject: Option<SubjectId>,
    /// What the subject is called.
    pub subject_name: Option<DisplayName>,
    /// Who has or could have access.
    pub person: Option<PersonId>,
    /// What that person is called.
    pub name: Option<DisplayName>,
    /// The membership that the access hangs on.
    pub membership: Option<MembershipId>,
    /// How the person stands to the subject: daughter, physician.
    pub relation: Option<DisplayName>,
    /// The kind of user.
    pub kind: Option<KindName>,
    /// The address that mail goes to.
    pub email: Option<EmailAddress>,
    /// The telephone number as it was typed.
    pub phone: Option<String>,
    /// The name the person signs in by.
    pub user_name: Option<UserName>,
    /// The account's class.
    pub class: Option<ClassName>,
    /// How the person stands to the data.
    pub status: AccessStatus,
    /// The role held.
    pub role: Option<RoleName>,
    /// The security levels held.
    pub levels: Option<LevelsHeld>,
    /// The profile granted over the subject (ALIS: "access levels (User Profile)").
    pub profile: Option<DisplayName>,
    /// The permissions in effect, with their reasons.
    pub permissions: Vec<HeldPermission>,
    /// Stored permissions that the catalog does not know: they give nothing.
    pub unknown_permissions: Vec<PermissionName>,
    /// Who gave the access and when.
    pub granted: Option<Granted>,
    /// The last invitation.
    pub invited: Option<Invited>,
    /// When the person last signed in, where the host records it.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub last_sign_in_at: Option<OffsetDateTime>,
    /// What the inviter swore to.
    pub attestation: Option<Attested>,
    /// What a reviewer looks at first.
    pub flags: BTreeSet<Flag>,
}

impl AccessRow {
    /// Returns a row that tells a community and a status alone.
    #[must_use]
    pub const fn new(community: DisplayName, status: AccessStatus) -> Self {
        Self {
            community,
            subject: None,
            subject_name: None,
            person: None,
            name: None,
            membership: None,
            relation: None,
            kind: None,
            email: None,
            phone: None,
            user_name: None,
            class: None,
            status,
            role: None,
            levels: None,
            profile: None,
            permissions: Vec::new(),
            unknown_permissions: Vec::new(),
            granted: None,
            invited: None,
            last_sign_in_at: None,
            attestation: None,
            flags: BTreeSet::new(),
        }
    }

    /// Sets the flags that the row's own data raise at this instant.
    pub fn flag(&mut self, rules: &FlagRules, shared: &SharedAddresses, as_of: OffsetDateTime) {
        self.flags = Flag::of(self, rules, shared, as_of);
    }
}

// Personal data: logs show ids (ASVS 16.2.5).
impl fmt::Debug for AccessRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessRow")
            .field("subject", &self.subject)
            .field("person", &self.person)
            .field("membership", &self.membership)
            .field("status", &self.status)
            .field("flags", &self.flags)
            .finish_non_exhaustive()
    }
}

/// The security levels of a member, by the names they have today.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LevelsHeld {
    /// None were applied: the kind's whole ceiling.
    Unrestricted,
    /// These; none of them leaves the baseline.
    Named(Vec<DisplayName>),
}

/// Who did something, with the name they had then.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct By {
    /// The principal.
    pub principal: Principal,
    /// What the principal was called.
    pub name: Option<DisplayName>,
}

/// How a person came by the access.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Granted {
    /// Who gave it.
    pub by: By,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The first instant without it, if it ends.
    #[serde(with = "time::serde::rfc3339::option", default)]
    pub expires_at: Option<OffsetDateTime>,
}

/// An invitation (ALIS: "the 'Invited' status, invitation timestamp details, and a notification
/// that the 'Invitation expires in 30 days'").
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Invited {
    /// Who invited.
    pub by: By,
    /// When the last mail was asked for.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// The first instant at which it can no longer be accepted.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// What became of the mail.
    pub mail: Option<MailReport>,
}

/// What became of a mail (ALIS: "verify the delivery status of your invitations").
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct MailReport {
    /// Its last status.
    pub status: Delivery,
    /// When that was told.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}

/// What an inviter swore to (ALIS: "confirm that this user is authorized to view the resident's
/// sensitive information").
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Attested {
    /// Which statement.
    pub statement: StatementName,
    /// Its version.
    pub version: u32,
    /// Who swore.
    pub by: By,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
}
