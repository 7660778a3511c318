//! Administration: the acts of Doorward itself that the host's permissions stand for.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An act of administration. The host's catalog says which of its own permissions each one needs;
/// an act that it does not name is nobody's.
///
/// Administration is itself permissions (NIST RBAC administrative operations; design 4).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Administration {
    /// Names the statements that invitees or grantors must agree to, and other tenant settings.
    ConfigureTenant,
    /// Creates, edits and retires security levels (HomeTrak: "add, edit or delete Security Levels").
    EditLevels,
    /// Edits another member's own details (Kalix: "edit other users' My Details page").
    EditMemberDetails,
    /// Reads and changes people that are recorded already. It is asked over each of them, so that a
    /// member can be limited to those they are assigned (Kalix: "prevent users from accessing and
    /// editing clients that are not assigned to them"). Where the catalog does not name it, whoever
    /// writes people reaches all of them.
    EditPeople,
    /// Creates, edits and retires user profiles (ALIS: "configured in ALIS Connect Settings").
    EditProfiles,
    /// Takes the access report out (ALIS: "Export to Excel").
    Export,
    /// Gives and revokes grants over subjects.
    Grant,
    /// Sends, resends, amends, adopts and revokes invitations.
    Invite,
    /// Learns whether an invited address has an account already.
    LearnAccounts,
    /// Changes user names, addresses, status and class of managed accounts.
    ManageAccounts,
    /// Creates, renames and deletes groups, and tags members with them.
    ManageGroups,
    /// Changes roles, levels, switches, kinds, windows and attachments; disables, restores, removes.
    ManageMembers,
    /// Writes people and relationships.
    ManagePeople,
    /// Opens the tenant to the provider's support, and closes it.
    OpenSupport,
    /// Reads the audit log.
    ReadAudit,
    /// Mails resets, login links, temporary passwords and PINs.
    ResetCredentials,
    /// Sees who has access to whom, and the state of invitations and mails.
    ViewAccess,
}

impl Administration {
    /// Every act.
    pub const ALL: [Self; 17] = [
        Self::ConfigureTenant,
        Self::EditLevels,
        Self::EditMemberDetails,
        Self::EditPeople,
        Self::EditProfiles,
        Self::Export,
        Self::Grant,
        Self::Invite,
        Self::LearnAccounts,
        Self::ManageAccounts,
        Self::ManageGroups,
        Self::ManageMembers,
        Self::ManagePeople,
        Self::OpenSupport,
        Self::ReadAudit,
        Self::ResetCredentials,
        Self::ViewAccess,
    ];

    /// Returns the word for it, as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConfigureTenant => "configure_tenant",
            Self::EditLevels => "edit_levels",
            Self::EditMemberDetails => "edit_member_details",
            Self::EditPeople => "edit_people",
            Self::EditProfiles => "edit_profiles",
            Self::Export => "export",
            Self::Grant => "grant",
            Self::Invite => "invite",
            Self::LearnAccounts => "learn_accounts",
            Self::ManageAccounts => "manage_accounts",
            Self::ManageGroups => "manage_groups",
            Self::ManageMembers => "manage_members",
            Self::ManagePeople => "manage_people",
            Self::OpenSupport => "open_support",
            Self::ReadAudit => "read_audit",
            Self::ResetCredentials => "reset_credentials",
            Self::ViewAccess => "view_access",
        }
    }

    /// Tells whether the provider's support may ever hold it: reading only (design 6: "it cannot
    /// invite, grant, touch credentials, export or renew itself").
    #[must_use]
    pub const fn is_open_to_support(self) -> bool {
        matches!(self, Self::ReadAudit | Self::ViewAccess)
    }
}

impl fmt::Display for Administration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the holder of a role or of unrestricted access may give to others.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Gives {
    /// What they hold themselves, per reach.
    #[default]
    Held,
    /// Everything (Kalix Director, ALIS administrator, unrestricted HomeTrak staff).
    Everything,
}
