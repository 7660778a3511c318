//! A practice as a catalog: four roles, four switches, one set of people who administer.

use bitflags::bitflags;
use doorward_access::{Administration, Catalog, CatalogError, Reach};

bitflags! {
    /// What the practice can be asked to protect.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub struct Practice: u16 {
        /// See clients.
        const VIEW_CLIENTS = 1 << 0;
        /// Change clients.
        const EDIT_CLIENTS = 1 << 1;
        /// Make and change appointments.
        const EDIT_APPOINTMENTS = 1 << 2;
        /// Be offered as a clinician.
        const BE_SCHEDULED = 1 << 3;
        /// See tasks.
        const VIEW_TASKS = 1 << 4;
        /// Create and change tasks.
        const EDIT_TASKS = 1 << 5;
        /// See bills.
        const VIEW_BILLS = 1 << 6;
        /// Change bills.
        const EDIT_BILLS = 1 << 7;
        /// Invite, change and remove users.
        const MANAGE_USERS = 1 << 8;
    }
}

/// How many permissions there are.
pub const PERMISSIONS: usize = 9;
/// The roles.
pub const ROLES: [&str; 4] = ["clinical", "supervisor", "administrative", "director"];
/// How many switches there are.
pub const SWITCHES: usize = 4;

const NO: Option<Reach> = None;
const OWN: Option<Reach> = Some(Reach::Own);
const ALL: Option<Reach> = Some(Reach::Any);

/// Returns the catalog of the practice.
///
/// # Errors
/// [`CatalogError`] where the declarations contradict each other.
#[rustfmt::skip] // a table reads as a table
pub fn catalog() -> Result<Catalog, CatalogError> {
    use Practice as P;
    Catalog::builder::<Practice>()
        .kind("practice_user", |kind| kind
            .roles(ROLES)
            .ceiling_of_everything()
            .attaches_creator())
        .role_table(ROLES, &[
            //                                    Clin Sup  Adm  Dir
            (P::VIEW_CLIENTS | P::EDIT_CLIENTS,  [ALL, ALL, ALL, ALL]),
            (P::EDIT_APPOINTMENTS,               [OWN, ALL, ALL, ALL]),
            (P::VIEW_TASKS | P::EDIT_TASKS,      [OWN, OWN, ALL, ALL]),
            (P::VIEW_BILLS,                      [OWN, ALL, ALL, ALL]),
            (P::EDIT_BILLS,                      [OWN, OWN, ALL, ALL]),
            (P::MANAGE_USERS,                    [NO,  NO,  NO,  ALL]),
        ])
        .gives_everything("director")
        .switch("access_billing", |switch| switch.preselected()
            .off_takes(P::VIEW_BILLS | P::EDIT_BILLS, Reach::Own))
        .switch("show_on_calendar", |switch| switch.preselected_except(["administrative"])
            .on_grants(P::BE_SCHEDULED, Reach::Own))
        .switch("edit_all_tasks", |switch| switch.preselected_except(["clinical", "supervisor"])
            .on_grants(P::VIEW_TASKS | P::EDIT_TASKS, Reach::Any)
            .off_takes(P::VIEW_TASKS | P::EDIT_TASKS, Reach::Assigned))
        .switch("access_only_assigned_clients", |switch| switch.only_for_roles(["clinical"])
            .on_takes(P::VIEW_CLIENTS | P::EDIT_CLIENTS, Reach::Any)
            .on_takes(P::VIEW_TASKS | P::EDIT_TASKS, Reach::Any))
        .administered_by(P::MANAGE_USERS, Administration::ALL)
        .support(|support| support.holds(P::VIEW_CLIENTS | P::VIEW_BILLS, Reach::Any))
        .build()
}
