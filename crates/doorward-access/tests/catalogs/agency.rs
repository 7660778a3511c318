//! A small home-care agency: five kinds of user, five security levels, no roles.

use bitflags::bitflags;
use doorward_access::{Administration, Catalog, CatalogError, Gives, Reach};

bitflags! {
    /// What the agency protects.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub struct Agency: u64 {
        /// See one's own calendar.
        const VIEW_OWN_CALENDAR = 1 << 0;
        /// See profiles.
        const VIEW_PROFILES = 1 << 1;
        /// Change profiles.
        const EDIT_PROFILES = 1 << 2;
        /// See schedules.
        const VIEW_SCHEDULES = 1 << 3;
        /// See care notes.
        const VIEW_CARE_NOTES = 1 << 4;
        /// Write care notes.
        const EDIT_CARE_NOTES = 1 << 5;
        /// See invoices.
        const VIEW_INVOICES = 1 << 6;
        /// Run payroll.
        const RUN_PAYROLL = 1 << 7;
        /// Manage accounts.
        const MANAGE_ACCOUNTS = 1 << 8;
        /// Edit security levels.
        const EDIT_LEVELS = 1 << 9;
    }
}

/// Five levels, one for each module.
pub const LEVELS: [(&str, &[(&str, Reach)]); 5] = [
    (
        "People",
        &[("view_profiles", Reach::Any), ("edit_profiles", Reach::Any)],
    ),
    (
        "Scheduling",
        &[
            ("view_own_calendar", Reach::Own),
            ("view_schedules", Reach::Any),
        ],
    ),
    (
        "Care",
        &[
            ("view_care_notes", Reach::Any),
            ("edit_care_notes", Reach::Any),
        ],
    ),
    (
        "Billing",
        &[("view_invoices", Reach::Any), ("run_payroll", Reach::Any)],
    ),
    (
        "Administration",
        &[("manage_accounts", Reach::Any), ("edit_levels", Reach::Any)],
    ),
];

/// Returns the catalog.
///
/// # Errors
/// [`CatalogError`] where the declarations contradict each other.
#[rustfmt::skip] // a table reads as a table
pub fn catalog() -> Result<Catalog, CatalogError> {
    use Agency as P;
    let portal = P::VIEW_PROFILES | P::VIEW_SCHEDULES | P::VIEW_CARE_NOTES;
    Catalog::builder::<Agency>()
        .kind("office_staff", |kind| kind
            .unrestricted_by_default(Gives::Everything)
            .ceiling_of_everything()
            .never_beyond(P::VIEW_OWN_CALENDAR, Reach::Own))
        .kind("caregiver", |kind| kind
            .baseline(P::VIEW_OWN_CALENDAR, Reach::Own)
            .baseline(P::VIEW_PROFILES, Reach::Assigned)
            .ceiling(P::VIEW_OWN_CALENDAR, Reach::Own)
            .ceiling(portal | P::EDIT_CARE_NOTES, Reach::Assigned)
            .takes_attachments())
        .kind("client", |kind| kind
            .baseline(P::VIEW_OWN_CALENDAR, Reach::Own)
            .baseline(P::VIEW_PROFILES, Reach::Assigned)
            .ceiling(P::VIEW_OWN_CALENDAR, Reach::Own)
            .ceiling(portal | P::VIEW_INVOICES, Reach::Assigned)
            .takes_attachments())
        .kind("primary_contact", |kind| kind
            .baseline(P::VIEW_PROFILES, Reach::Assigned)
            .ceiling(portal | P::VIEW_INVOICES, Reach::Assigned)
            .takes_attachments())
        .kind("physician", |kind| kind
            .baseline(P::VIEW_PROFILES, Reach::Assigned)
            .ceiling(portal, Reach::Assigned)
            .takes_attachments())
        .administered_by(P::MANAGE_ACCOUNTS, Administration::ALL)
        .administered_by(P::EDIT_LEVELS, [Administration::EditLevels])
        .build()
}
