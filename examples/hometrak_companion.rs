//! HomeTrak Companion: office staff, caregivers, clients, contacts and physicians of a home-care
//! office, with security levels instead of roles.
//!
//! `cargo run --example hometrak_companion` lives a week at Harbor Home Care.

#[path = "hometrak_companion/week.rs"]
mod week;

use bitflags::bitflags;
use doorward::{
    Admission, FirstAdministrator, Keys, NewTenant, Setup, StarterLevels, Use,
    access::{Administration, Catalog, CatalogError, Gives, PermissionSet, Reach},
    identity::{AccessKeys, AccountClass, Activation, TemporaryPasswordLifetime, UserNameRule},
    invitations::Policy,
    types::{Channel, ClassName, DisplayName, EmailAddress, KindName},
};
use doorward_examples::world::Failure;

bitflags! {
    /// What HomeTrak Companion can be asked to protect.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub struct HomeTrak: u64 {
        /// See one's own calendar.
        const VIEW_OWN_CALENDAR = 1 << 0;
        /// Clock in and out of one's own visits.
        const CLOCK_IN = 1 << 1;
        /// Record the tasks of one's own visits.
        const RECORD_TASKS = 1 << 2;
        /// See one's own profile.
        const VIEW_OWN_PROFILE = 1 << 3;
        /// See the profiles of others: of attached people, or of everybody.
        const VIEW_PROFILES = 1 << 4;
        /// Change profiles and relationships.
        const EDIT_PROFILES = 1 << 5;
        /// See schedules.
        const VIEW_SCHEDULES = 1 << 6;
        /// Make schedules.
        const EDIT_SCHEDULES = 1 << 7;
        /// See care notes.
        const VIEW_CARE_NOTES = 1 << 8;
        /// Write care notes.
        const EDIT_CARE_NOTES = 1 << 9;
        /// See invoices.
        const VIEW_INVOICES = 1 << 10;
        /// Make and change invoices.
        const EDIT_INVOICES = 1 << 11;
        /// Run payroll.
        const RUN_PAYROLL = 1 << 12;
        /// Manage user accounts and what they may do.
        const MANAGE_USER_ACCOUNTS = 1 << 13;
        /// Add, edit and delete security levels.
        const EDIT_SECURITY_LEVELS = 1 << 14;
        /// Read the audit log and take reports out.
        const READ_REPORTS = 1 << 15;

        /// What every portal user can be given over the people they are assigned.
        const PORTAL = Self::VIEW_PROFILES.bits() | Self::VIEW_SCHEDULES.bits()
            | Self::VIEW_CARE_NOTES.bits();
        /// What clients and caregivers have over their own data, whoever gives it.
        const OWN_DAY = Self::VIEW_OWN_CALENDAR.bits() | Self::CLOCK_IN.bits()
            | Self::RECORD_TASKS.bits();
    }
}

/// Returns the catalog of HomeTrak Companion.
///
/// # Errors
/// [`CatalogError`] where the declarations contradict each other.
#[rustfmt::skip] // a table reads as a table
pub fn catalog() -> Result<Catalog, CatalogError> {
    use HomeTrak as P;
    Catalog::builder::<HomeTrak>()
        // "If you do not apply Security Levels to an Office Staff user, they will have full access"
        .kind("office_staff", |kind| kind
            .unrestricted_by_default(Gives::Everything)
            .ceiling_of_everything()
            .never_beyond(P::OWN_DAY | P::VIEW_OWN_PROFILE, Reach::Own))
        // "able to view their own calendar and to clock in or record tasks"
        .kind("caregiver", |kind| kind
            .baseline(P::OWN_DAY, Reach::Own)
            .baseline(P::VIEW_PROFILES, Reach::Assigned)
            .ceiling(P::OWN_DAY | P::VIEW_OWN_PROFILE, Reach::Own)
            .ceiling(P::PORTAL | P::EDIT_CARE_NOTES, Reach::Assigned)
            .takes_attachments())
        .kind("client", |kind| kind
            .baseline(P::OWN_DAY, Reach::Own)
            .baseline(P::VIEW_PROFILES, Reach::Assigned)
            .ceiling(P::OWN_DAY | P::VIEW_OWN_PROFILE, Reach::Own)
            .ceiling(P::PORTAL | P::VIEW_INVOICES, Reach::Assigned)
            .takes_attachments())
        // "a common primary contact where a husband and wife are both clients"
        .kind("primary_contact", |kind| kind
            .baseline(P::VIEW_PROFILES, Reach::Assigned)
            .ceiling(P::VIEW_OWN_PROFILE, Reach::Own)
            .ceiling(P::PORTAL | P::VIEW_INVOICES, Reach::Assigned)
            .takes_attachments())
        // "a physician to see information on multiple clients"
        .kind("physician", |kind| kind
            .baseline(P::VIEW_PROFILES, Reach::Assigned)
            .ceiling(P::VIEW_OWN_PROFILE, Reach::Own)
            .ceiling(P::PORTAL, Reach::Assigned)
            .takes_attachments())
        // Tools without permission are "disabled and grayed out", not hidden
        .feature("relationship_management", |area| area
            .needs_any_of(P::VIEW_PROFILES | P::VIEW_OWN_PROFILE))
        .feature("calendar", |area| area.needs_any_of(P::VIEW_OWN_CALENDAR | P::VIEW_SCHEDULES))
        .feature("care", |area| area.needs_any_of(P::VIEW_CARE_NOTES | P::RECORD_TASKS))
        .feature("billing", |area| area.needs_any_of(P::VIEW_INVOICES))
        .feature("user_accounts", |area| area.needs_any_of(P::MANAGE_USER_ACCOUNTS))
        .administered_by(P::MANAGE_USER_ACCOUNTS, Administration::ALL)
        .administered_by(P::EDIT_SECURITY_LEVELS, [Administration::EditLevels])
        .administered_by(P::READ_REPORTS, [Administration::Export, Administration::ReadAudit])
        .build()
}

/// The security levels that a new office starts with: "several default security levels that provide
/// full access to specific modules".
pub const DEFAULT_LEVELS: [(&str, &[(&str, Reach)]); 5] = [
    (
        "Relationship Management",
        &[
            ("view_own_profile", Reach::Own),
            ("view_profiles", Reach::Any),
            ("edit_profiles", Reach::Any),
        ],
    ),
    (
        "Scheduling",
        &[
            ("view_own_calendar", Reach::Own),
            ("view_schedules", Reach::Any),
            ("edit_schedules", Reach::Any),
        ],
    ),
    (
        "Care",
        &[
            ("clock_in", Reach::Any),
            ("record_tasks", Reach::Any),
            ("view_care_notes", Reach::Any),
            ("edit_care_notes", Reach::Any),
        ],
    ),
    (
        "Billing",
        &[
            ("view_invoices", Reach::Any),
            ("edit_invoices", Reach::Any),
            ("run_payroll", Reach::Any),
        ],
    ),
    (
        "Administration",
        &[
            ("manage_user_accounts", Reach::Any),
            ("edit_security_levels", Reach::Any),
            ("read_reports", Reach::Any),
        ],
    ),
];

/// Returns the set-up of HomeTrak Companion: the two classes of account, and who gets which.
///
/// Accounts are created by the office ("Manage User Account") and not by invitation; the first
/// administrator of an office alone is invited, as an identity account.
///
/// # Errors
/// None, as long as the catalog and the names above are sound.
pub fn setup(keys: Keys) -> Result<Setup, Failure> {
    let (standard, identity) = (ClassName::new("standard")?, ClassName::new("identity")?);
    // "Mobile app access only, requiring access keys"; "the password expires after several hours".
    let standard = AccountClass::new(
        standard,
        [Channel::Desktop, Channel::Mobile, Channel::Telephony],
        Activation::ByTemporaryPassword(TemporaryPasswordLifetime::default()),
    )
    .with_access_keys(AccessKeys::Required)
    .converting_to(identity.clone());
    // "Companion program, the mobile apps (Android and iOS) and the HomeTrak Online web portal using
    // the username (email) and password and not requiring the entry of cloud access keys".
    let identity_class = AccountClass::new(
        identity.clone(),
        [
            Channel::Desktop,
            Channel::Mobile,
            Channel::Portal,
            Channel::Telephony,
        ],
        Activation::ByMail,
    )
    .with_user_name(UserNameRule::IsEmail);
    let admission = Admission {
        class: identity,
        policy: Policy::seven_days(),
    };
    let product = DisplayName::new("HomeTrak")?;
    Ok(
        Setup::new(product, "https://online.hometrak.example", keys, catalog()?)
            .with_class(standard)
            .with_class(identity_class)
            .with_admission(KindName::new("office_staff")?, admission),
    )
}

/// Returns the starter levels by name.
///
/// # Errors
/// None: the names are names.
pub fn starter_levels() -> Result<Vec<(DisplayName, PermissionSet)>, Failure> {
    let level = |(name, holds): &(&str, &[(&str, Reach)])| {
        let mut permissions = PermissionSet::new();
        for (held, reach) in *holds {
            permissions.insert(held.parse()?, *reach);
        }
        Ok((DisplayName::new(name)?, permissions))
    };
    DEFAULT_LEVELS.iter().map(level).collect()
}

/// Returns an office to be created, with the starter levels and its first administrator, who has
/// full access.
///
/// # Errors
/// A text that is no name or no address.
pub fn office(
    name: &str,
    administrator: &str,
    email: &str,
    telephony: Use,
) -> Result<NewTenant, Failure> {
    let first = FirstAdministrator {
        email: EmailAddress::new(email)?,
        name: Some(DisplayName::new(administrator)?),
        kind: KindName::new("office_staff")?,
        role: None,
        levels: StarterLevels::Unrestricted,
    };
    let mut office = NewTenant::new(DisplayName::new(name)?, first).with_telephony(telephony);
    for (name, permissions) in starter_levels()? {
        office = office.with_level(name, permissions);
    }
    Ok(office)
}

/// Lives a week and tells of it.
///
/// # Errors
/// Whatever goes wrong on the way.
pub fn main() -> Result<(), Failure> {
    pollster::block_on(week::live())
}
