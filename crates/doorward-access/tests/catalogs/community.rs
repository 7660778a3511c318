//! A small community: staff in three roles, residents and their contacts; profiles over one resident.

use bitflags::bitflags;
use doorward_access::{Administration, Catalog, CatalogError, Reach};

bitflags! {
    /// What the community protects.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub struct Community: u32 {
        /// See evaluations.
        const VIEW_EVALUATIONS = 1 << 0;
        /// See invoices.
        const VIEW_INVOICES = 1 << 1;
        /// Pay invoices.
        const PAY_INVOICES = 1 << 2;
        /// See medications.
        const VIEW_MEDICATIONS = 1 << 3;
        /// Manage access.
        const MANAGE_ACCESS = 1 << 4;
        /// Configure profiles.
        const CONFIGURE = 1 << 5;
    }
}

/// Returns the catalog.
///
/// # Errors
/// [`CatalogError`] where the declarations contradict each other.
#[rustfmt::skip] // a table reads as a table
pub fn catalog() -> Result<Catalog, CatalogError> {
    use Community as P;
    let care = P::VIEW_EVALUATIONS | P::VIEW_INVOICES | P::VIEW_MEDICATIONS;
    Catalog::builder::<Community>()
        .kind("staff", |kind| kind
            .roles(["caregiver", "access_coordinator", "administrator"])
            .ceiling_of_everything())
        .kind("resident", |kind| kind.ceiling(care | P::PAY_INVOICES, Reach::Own))
        .kind("contact", |kind| kind.ceiling(care | P::PAY_INVOICES, Reach::Assigned))
        .role("caregiver", |role| role.holds(P::VIEW_EVALUATIONS, Reach::Any))
        .role("access_coordinator", |role| role.holds(care | P::MANAGE_ACCESS, Reach::Any))
        .role("administrator", |role| role.holds(P::all(), Reach::Any).gives_everything())
        .administered_by(P::MANAGE_ACCESS, Administration::ALL)
        .build()
}
