//! Acts: what a permit is for. Each names the administration that its principal must hold.

use doorward_access::Administration;

mod sealed {
    #[expect(unnameable_types, reason = "nobody outside makes an act")]
    pub trait Sealed {}
}

/// Something a principal can be authorised for.
pub trait Act: sealed::Sealed + Copy + Send + Sync + 'static {
    /// What the host's catalog must map to a permission the principal holds; `None` where the
    /// sign-in itself is enough, because the act concerns the principal alone.
    const NEEDS: Option<Administration>;
    /// The word for it in the audit log, where it is refused.
    const NAME: &'static str;
}

macro_rules! acts {
    ($($(#[$doc:meta])* $act:ident = $name:literal: $needs:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $act;

            impl sealed::Sealed for $act {}

            impl Act for $act {
                const NEEDS: Option<Administration> = $needs;
                const NAME: &'static str = $name;
            }
        )*
    };
}

acts! {
    /// Set the tenant's options, access key and default profile.
    ConfigureTenant = "configure_tenant": Some(Administration::ConfigureTenant);
    /// Create, edit and delete security levels.
    EditLevels = "edit_levels": Some(Administration::EditLevels);
    /// Edit another member's details (Kalix "Edit User Details").
    EditMemberDetails = "edit_member_details": Some(Administration::EditMemberDetails);
    /// Create, edit and delete user profiles.
    EditProfiles = "edit_profiles": Some(Administration::EditProfiles);
    /// Take the access report out of the system.
    Export = "export": Some(Administration::Export);
    /// Grant and revoke profiles over subjects; attach people.
    Grant = "grant": Some(Administration::Grant);
    /// Invite, resend, amend, adopt and revoke.
    Invite = "invite": Some(Administration::Invite);
    /// Create accounts, change their names and addresses, convert them.
    ManageAccounts = "manage_accounts": Some(Administration::ManageAccounts);
    /// Create, rename, delete and assign groups.
    ManageGroups = "manage_groups": Some(Administration::ManageGroups);
    /// Edit the access of members; disable, restore and remove them.
    ManageMembers = "manage_members": Some(Administration::ManageMembers);
    /// Record people and how they stand to each other.
    ManagePeople = "manage_people": Some(Administration::ManagePeople);
    /// Let the provider's support in, and out.
    OpenSupport = "open_support": Some(Administration::OpenSupport);
    /// Act on one's own account, invitations and details.
    OwnAccount = "own_account": None;
    /// Read the audit log.
    ReadAudit = "read_audit": Some(Administration::ReadAudit);
    /// Send resets, login links, temporary passwords and PINs.
    ResetCredentials = "reset_credentials": Some(Administration::ResetCredentials);
    /// See who can see what.
    ViewAccess = "view_access": Some(Administration::ViewAccess);
}
