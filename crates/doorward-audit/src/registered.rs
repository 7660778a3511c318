//! The actions that this workspace records, with their categories.

use crate::action::{Action, Category};

/// The registered actions. A host declares its own beside them with [`Action::declare`].
impl Action {
    // tenants and their people
    /// The operator made a tenant.
    pub const TENANT_CREATE: Self = Self::declare("tenant.create", Category::Create);
    /// The host's catalog changed under a tenant.
    pub const TENANT_CATALOG_CHANGE: Self =
        Self::declare("tenant.catalog_change", Category::Update);
    /// A person was recorded.
    pub const PERSON_CREATE: Self = Self::declare("person.create", Category::Create);
    /// People were read from a file: one entry a row, one for the run.
    pub const PERSON_IMPORT: Self = Self::declare("person.import", Category::Create);
    /// A person's record was changed.
    pub const PERSON_UPDATE: Self = Self::declare("person.update", Category::Update);
    /// A person's record was removed.
    pub const PERSON_DELETE: Self = Self::declare("person.delete", Category::Delete);
    /// A person was set in relation to a subject.
    pub const RELATIONSHIP_CREATE: Self = Self::declare("relationship.create", Category::Create);
    /// A relationship is called or counts otherwise.
    pub const RELATIONSHIP_UPDATE: Self = Self::declare("relationship.update", Category::Update);
    /// A relationship ended, and with it its grants.
    pub const RELATIONSHIP_END: Self = Self::declare("relationship.end", Category::Delete);
    // accounts
    /// An administrator made an account.
    pub const ACCOUNT_CREATE: Self = Self::declare("account.create", Category::Create);
    /// A person registered through an invitation.
    pub const ACCOUNT_REGISTER: Self = Self::declare("account.register", Category::Create);
    /// An account was activated.
    pub const ACCOUNT_ACTIVATE: Self = Self::declare("account.activate", Category::Update);
    /// User name, cell number or note of an account were changed.
    pub const ACCOUNT_UPDATE: Self = Self::declare("account.update", Category::Update);
    /// An account changed its class (HomeTrak: "Create HomeTrak Identity Account").
    pub const ACCOUNT_CONVERT: Self = Self::declare("account.convert", Category::Update);
    /// An account was disabled.
    pub const ACCOUNT_DISABLE: Self = Self::declare("account.disable", Category::Update);
    /// An account was enabled again.
    pub const ACCOUNT_ENABLE: Self = Self::declare("account.enable", Category::Update);
    /// An account was closed.
    pub const ACCOUNT_CLOSE: Self = Self::declare("account.close", Category::Delete);
    /// The personal fields of an account were erased.
    pub const ACCOUNT_ERASE: Self = Self::declare("account.erase", Category::Delete);
    /// A membership moved to the account that had verified the address.
    pub const ACCOUNT_MOVE: Self = Self::declare("account.move", Category::Update);
    // credentials and sessions
    /// Somebody signed in, or was refused.
    pub const SESSION_SIGN_IN: Self = Self::declare("session.sign_in", Category::Execute);
    /// Somebody signed out.
    pub const SESSION_SIGN_OUT: Self = Self::declare("session.sign_out", Category::Execute);
    /// Too many failures: sign-in is throttled.
    pub const LOCKOUT_START: Self = Self::declare("lockout.start", Category::Execute);
    /// A password was set or changed.
    pub const PASSWORD_SET: Self = Self::declare("password.set", Category::Update);
    /// A mail to set a new password was asked for.
    pub const PASSWORD_RESET_REQUEST: Self =
        Self::declare("password.reset_request", Category::Execute);
    /// A new password was set through a mail.
    pub const PASSWORD_RESET: Self = Self::declare("password.reset", Category::Update);
    /// A temporary password was made.
    pub const TEMPORARY_PASSWORD_ISSUE: Self =
        Self::declare("temporary_password.issue", Category::Create);
    /// A telephony PIN was made.
    pub const PIN_ISSUE: Self = Self::declare("pin.issue", Category::Create);
    /// A tenant's access key was made or replaced.
    pub const ACCESS_KEY_REPLACE: Self = Self::declare("access_key.replace", Category::Update);
    /// The address of the portal was mailed (ALIS: "Send Login Link").
    pub const LOGIN_LINK_SEND: Self = Self::declare("login_link.send", Category::Execute);
    /// An activation mail was sent.
    pub const ACTIVATION_SEND: Self = Self::declare("activation.send", Category::Execute);
    /// Another address was asked for.
    pub const ADDRESS_PROPOSE: Self = Self::declare("address.propose", Category::Update);
    /// An address proved itself.
    pub const ADDRESS_PROVE: Self = Self::declare("address.prove", Category::Update);
    /// The old address stopped a change.
    pub const ADDRESS_STOP: Self = Self::declare("address.stop", Category::Update);
    // memberships and what they hold
    /// An account joined a tenant.
    pub const MEMBERSHIP_CREATE: Self = Self::declare("membership.create", Category::Create);
    /// Role, levels or switches of a member were changed.
    pub const MEMBERSHIP_UPDATE: Self = Self::declare("membership.update", Category::Update);
    /// A member became another kind of user.
    pub const MEMBERSHIP_KIND_CHANGE: Self =
        Self::declare("membership.kind_change", Category::Update);
    /// A member's details were changed (Kalix: "Edit User Details").
    pub const MEMBERSHIP_DETAILS_EDIT: Self =
        Self::declare("membership.details_edit", Category::Update);
    /// Features were hidden from a member or shown again.
    pub const MEMBERSHIP_FEATURES_HIDE: Self =
        Self::declare("membership.features_hide", Category::Update);
    /// A member's access was disabled (ALIS: "Disable Access").
    pub const MEMBERSHIP_DISABLE: Self = Self::declare("membership.disable", Category::Update);
    /// A member's access was enabled again.
    pub const MEMBERSHIP_ENABLE: Self = Self::declare("membership.enable", Category::Update);
    /// A member was removed (Kalix: "Remove User").
    pub const MEMBERSHIP_REMOVE: Self = Self::declare("membership.remove", Category::Delete);
    /// A profile over a subject was granted.
    pub const GRANT_CREATE: Self = Self::declare("grant.create", Category::Create);
    /// A grant's profile or period was changed.
    pub const GRANT_UPDATE: Self = Self::declare("grant.update", Category::Update);
    /// A grant was revoked.
    pub const GRANT_REVOKE: Self = Self::declare("grant.revoke", Category::Delete);
    /// A member was attached to a person.
    pub const ATTACHMENT_CREATE: Self = Self::declare("attachment.create", Category::Create);
    /// A member was detached from a person.
    pub const ATTACHMENT_REMOVE: Self = Self::declare("attachment.remove", Category::Delete);
    // what tenants define
    /// A security level was made.
    pub const LEVEL_CREATE: Self = Self::declare("level.create", Category::Create);
    /// A security level was changed.
    pub const LEVEL_UPDATE: Self = Self::declare("level.update", Category::Update);
    /// A security level was deleted.
    pub const LEVEL_DELETE: Self = Self::declare("level.delete", Category::Delete);
    /// A user profile was made.
    pub const PROFILE_CREATE: Self = Self::declare("profile.create", Category::Create);
    /// A user profile was changed.
    pub const PROFILE_UPDATE: Self = Self::declare("profile.update", Category::Update);
    /// A user profile was deleted.
    pub const PROFILE_DELETE: Self = Self::declare("profile.delete", Category::Delete);
    /// A group of users was made.
    pub const GROUP_CREATE: Self = Self::declare("group.create", Category::Create);
    /// A group of users is called otherwise.
    pub const GROUP_UPDATE: Self = Self::declare("group.update", Category::Update);
    /// A group of users was deleted.
    pub const GROUP_DELETE: Self = Self::declare("group.delete", Category::Delete);
    /// A member was put into groups or taken out.
    pub const GROUP_ASSIGN: Self = Self::declare("group.assign", Category::Update);
    /// A tenant's settings were changed.
    pub const SETTINGS_UPDATE: Self = Self::declare("settings.update", Category::Update);
    // invitations
    /// An invitation was issued.
    pub const INVITATION_ISSUE: Self = Self::declare("invitation.issue", Category::Create);
    /// A bulk run of invitations: one entry a row, one for the run.
    pub const INVITATION_BULK_ISSUE: Self =
        Self::declare("invitation.bulk_issue", Category::Create);
    /// An invitation was mailed anew.
    pub const INVITATION_RESEND: Self = Self::declare("invitation.resend", Category::Update);
    /// A subject was added to an open invitation.
    pub const INVITATION_AMEND: Self = Self::declare("invitation.amend", Category::Update);
    /// Another sponsor took an invitation over.
    pub const INVITATION_ADOPT: Self = Self::declare("invitation.adopt", Category::Update);
    /// An invitation was revoked.
    pub const INVITATION_REVOKE: Self = Self::declare("invitation.revoke", Category::Delete);
    /// An expired invitation gave way to a newer one.
    pub const INVITATION_REPLACE: Self = Self::declare("invitation.replace", Category::Update);
    /// An invitee declined.
    pub const INVITATION_DECLINE: Self = Self::declare("invitation.decline", Category::Update);
    /// An invitee accepted: membership and grants begin.
    pub const INVITATION_ACCEPT: Self = Self::declare("invitation.accept", Category::Create);
    // support, audit, mail
    /// A tenant opened itself to the provider's support.
    pub const SUPPORT_OPEN: Self = Self::declare("support.open", Category::Create);
    /// Support access was revoked.
    pub const SUPPORT_CLOSE: Self = Self::declare("support.close", Category::Delete);
    /// The audit log was read.
    pub const AUDIT_READ: Self = Self::declare("audit.read", Category::Read);
    /// The audit log was exported.
    pub const AUDIT_EXPORT: Self = Self::declare("audit.export", Category::Read);
    /// Personal data beside entries was shown.
    pub const AUDIT_DISCLOSE: Self = Self::declare("audit.disclose", Category::Read);
    /// Personal data beside entries was erased.
    pub const AUDIT_ERASE: Self = Self::declare("audit.erase", Category::Delete);
    /// Entries were sealed.
    pub const AUDIT_SEAL: Self = Self::declare("audit.seal", Category::Execute);
    /// An access report was made (ALIS: "Export to Excel").
    pub const REPORT_EXPORT: Self = Self::declare("report.export", Category::Read);
    /// A mail was handed on, dropped or given up.
    pub const MAIL_SETTLE: Self = Self::declare("mail.settle", Category::Execute);
    /// The host's tick settled what was overdue.
    pub const SWEEP_RUN: Self = Self::declare("sweep.run", Category::Execute);

    /// Every registered action, in the order above.
    pub const REGISTERED: &'static [Self] = &[
        Self::TENANT_CREATE,
        Self::TENANT_CATALOG_CHANGE,
        Self::PERSON_CREATE,
        Self::PERSON_IMPORT,
        Self::PERSON_UPDATE,
        Self::PERSON_DELETE,
        Self::RELATIONSHIP_CREATE,
        Self::RELATIONSHIP_UPDATE,
        Self::RELATIONSHIP_END,
        Self::ACCOUNT_CREATE,
        Self::ACCOUNT_REGISTER,
        Self::ACCOUNT_ACTIVATE,
        Self::ACCOUNT_UPDATE,
        Self::ACCOUNT_CONVERT,
        Self::ACCOUNT_DISABLE,
        Self::ACCOUNT_ENABLE,
        Self::ACCOUNT_CLOSE,
        Self::ACCOUNT_ERASE,
        Self::ACCOUNT_MOVE,
        Self::SESSION_SIGN_IN,
        Self::SESSION_SIGN_OUT,
        Self::LOCKOUT_START,
        Self::PASSWORD_SET,
        Self::PASSWORD_RESET_REQUEST,
        Self::PASSWORD_RESET,
        Self::TEMPORARY_PASSWORD_ISSUE,
        Self::PIN_ISSUE,
        Self::ACCESS_KEY_REPLACE,
        Self::LOGIN_LINK_SEND,
        Self::ACTIVATION_SEND,
        Self::ADDRESS_PROPOSE,
        Self::ADDRESS_PROVE,
        Self::ADDRESS_STOP,
        Self::MEMBERSHIP_CREATE,
        Self::MEMBERSHIP_UPDATE,
        Self::MEMBERSHIP_KIND_CHANGE,
        Self::MEMBERSHIP_DETAILS_EDIT,
        Self::MEMBERSHIP_FEATURES_HIDE,
        Self::MEMBERSHIP_DISABLE,
        Self::MEMBERSHIP_ENABLE,
        Self::MEMBERSHIP_REMOVE,
        Self::GRANT_CREATE,
        Self::GRANT_UPDATE,
        Self::GRANT_REVOKE,
        Self::ATTACHMENT_CREATE,
        Self::ATTACHMENT_REMOVE,
        Self::LEVEL_CREATE,
        Self::LEVEL_UPDATE,
        Self::LEVEL_DELETE,
        Self::PROFILE_CREATE,
        Self::PROFILE_UPDATE,
        Self::PROFILE_DELETE,
        Self::GROUP_CREATE,
        Self::GROUP_UPDATE,
        Self::GROUP_DELETE,
        Self::GROUP_ASSIGN,
        Self::SETTINGS_UPDATE,
        Self::INVITATION_ISSUE,
        Self::INVITATION_BULK_ISSUE,
        Self::INVITATION_RESEND,
        Self::INVITATION_AMEND,
        Self::INVITATION_ADOPT,
        Self::INVITATION_REVOKE,
        Self::INVITATION_REPLACE,
        Self::INVITATION_DECLINE,
        Self::INVITATION_ACCEPT,
        Self::SUPPORT_OPEN,
        Self::SUPPORT_CLOSE,
        Self::AUDIT_READ,
        Self::AUDIT_EXPORT,
        Self::AUDIT_DISCLOSE,
        Self::AUDIT_ERASE,
        Self::AUDIT_SEAL,
        Self::REPORT_EXPORT,
        Self::MAIL_SETTLE,
        Self::SWEEP_RUN,
    ];
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_registered_action_is_there_once_and_reads_back() {
        let codes: BTreeSet<_> = Action::REGISTERED.iter().map(Action::code).collect();
        assert_eq!(codes.len(), Action::REGISTERED.len());
        for action in Action::REGISTERED {
            let json = serde_json::to_string(action).unwrap();
            assert_eq!(&serde_json::from_str::<Action>(&json).unwrap(), action);
        }
    }
}
