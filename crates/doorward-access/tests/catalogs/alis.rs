//! ALIS Connect as a catalog: staff with an administrator, residents, contacts; profiles per resident.

use bitflags::bitflags;
use doorward_access::{Administration, Catalog, CatalogError, Reach};

bitflags! {
    /// What ALIS Connect can be asked to protect.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub struct Alis: u32 {
        /// See evaluations.
        const VIEW_EVALUATIONS = 1 << 0;
        /// See invoices.
        const VIEW_INVOICES = 1 << 1;
        /// Pay invoices.
        const PAY_INVOICES = 1 << 2;
        /// See medications.
        const VIEW_MEDICATIONS = 1 << 3;
        /// See who has access, and the state of invitations and mails.
        const VIEW_ACCESS = 1 << 4;
        /// Invite, disable, reset; edit contacts.
        const MANAGE_ACCESS = 1 << 5;
        /// Configure user profiles.
        const CONFIGURE = 1 << 6;
    }
}

/// Returns the catalog of ALIS Connect.
///
/// # Errors
/// [`CatalogError`] where the declarations contradict each other.
#[rustfmt::skip] // a table reads as a table
pub fn catalog() -> Result<Catalog, CatalogError> {
    use Alis as P;
    let care = P::VIEW_EVALUATIONS | P::VIEW_INVOICES | P::VIEW_MEDICATIONS;
    Catalog::builder::<Alis>()
        .kind("staff", |kind| kind
            .roles(["caregiver", "access_coordinator", "administrator"])
            .ceiling_of_everything())
        .kind("resident", |kind| kind.ceiling(care | P::PAY_INVOICES, Reach::Own))
        .kind("contact", |kind| kind.ceiling(care | P::PAY_INVOICES, Reach::Assigned))
        .role("caregiver", |role| role.holds(P::VIEW_EVALUATIONS, Reach::Any))
        .role("access_coordinator", |role| role
            .holds(care, Reach::Any)
            .holds(P::VIEW_ACCESS | P::MANAGE_ACCESS, Reach::Any))
        .role("administrator", |role| role.holds(P::all(), Reach::Any).gives_everything())
        .administered_by(P::MANAGE_ACCESS, Administration::ALL)
        .administered_by(P::VIEW_ACCESS, [Administration::ViewAccess, Administration::Export])
        .administered_by(P::CONFIGURE, [Administration::EditProfiles, Administration::ConfigureTenant])
        .build()
}
