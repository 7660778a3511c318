//! ALIS Connect: families see what a community keeps about their own, as far as staff let them.
//!
//! `cargo run --example alis_connect` lives a quarter of a year at Maple Grove.

use bitflags::bitflags;
use doorward::{
    Admission, FirstAdministrator, InviteForm, Keys, NewInvitation, NewTenant, Setup, Shown,
    StarterLevels,
    access::{Administration, Catalog, CatalogError, PermissionSet, Reach},
    identity::{AccountClass, Activation, TemporaryPasswordLifetime},
    invitations::{Policy, Sworn},
    types::{
        Channel, ClassName, DisplayName, EmailAddress, KindName, NameError, Offer, ProfileId,
        RoleName, Statement, StatementName, SubjectOffer, Window,
    },
};
use doorward_examples::world::Failure;
use time::OffsetDateTime;

#[path = "alis_connect/quarter.rs"]
mod quarter;

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
        .administered_by(P::VIEW_ACCESS, [Administration::ViewAccess])
        .administered_by(P::CONFIGURE, [Administration::EditProfiles, Administration::ConfigureTenant])
        .support(|support| support.holds(P::VIEW_ACCESS, Reach::Any))
        .build()
}

/// The words beside the check box of the invite form.
pub const AUTHORIZED: &str =
    "This user is authorized to view the resident's sensitive information.";

/// The user profiles of a new community; each holds over one resident ("the specific permission
/// sets for Evaluations, Invoices, Medications, etc.").
pub const STARTER_PROFILES: [(&str, &[&str]); 5] = [
    (
        "Family - Full",
        &[
            "view_evaluations",
            "view_invoices",
            "pay_invoices",
            "view_medications",
        ],
    ),
    ("Family - Billing only", &["view_invoices", "pay_invoices"]),
    ("Medical POA", &["view_evaluations", "view_medications"]),
    (
        "Read only",
        &["view_evaluations", "view_invoices", "view_medications"],
    ),
    (
        "Resident",
        &[
            "view_evaluations",
            "view_invoices",
            "pay_invoices",
            "view_medications",
        ],
    ),
];

/// The starter profile that the one-click invite of a resident offers.
pub const DEFAULT_RESIDENT_PROFILE: &str = "Resident";

/// Returns the statement that is sworn for each contact.
///
/// # Errors
/// None: the name is a name.
pub fn authorized() -> Result<Statement, NameError> {
    let name = StatementName::new("sensitive_information")?;
    Ok(Statement::of(name, 1, AUTHORIZED))
}

/// Returns the set-up of ALIS Connect: who is invited how, and how each signs in.
///
/// # Errors
/// None, as long as the catalog and the names above are sound.
pub fn setup(keys: Keys) -> Result<Setup, Failure> {
    setup_with(keys, catalog()?)
}

/// Returns the set-up over another release's catalog, with the same kinds of user.
///
/// # Errors
/// None, as long as the names above are sound.
pub fn setup_with(keys: Keys, catalog: Catalog) -> Result<Setup, Failure> {
    let (staff, connect) = (ClassName::new("staff")?, ClassName::new("connect")?);
    let admission = |class: &ClassName, policy| Admission {
        class: class.clone(),
        policy,
    };
    let staff_class = AccountClass::new(
        staff.clone(),
        [Channel::Desktop, Channel::Mobile, Channel::Portal],
        Activation::AtAccept,
    );
    // Families have the portal alone, a user name if they like, and "a temporary password".
    let connect_class = AccountClass::new(connect.clone(), [Channel::Portal], Activation::AtAccept)
        .with_temporary_password(TemporaryPasswordLifetime::default());
    let product = DisplayName::new("ALIS Connect")?;
    Ok(
        Setup::new(product, "https://connect.alis.example", keys, catalog)
            .with_class(staff_class)
            .with_class(connect_class)
            .with_admission(
                KindName::new("staff")?,
                admission(&staff, Policy::seven_days()),
            )
            // A resident sees their own record: nothing is sworn.
            .with_admission(
                KindName::new("resident")?,
                admission(&connect, Policy::thirty_days()),
            )
            .with_admission(
                KindName::new("contact")?,
                admission(
                    &connect,
                    Policy::thirty_days().with_attestation(authorized()?),
                ),
            )
            .with_temporary_passwords(Shown::ToTheAdministrator),
    )
}

/// Returns the starter profiles by name.
///
/// # Errors
/// None: the names are names.
pub fn starter_profiles() -> Result<Vec<(DisplayName, PermissionSet)>, Failure> {
    let profile = |(name, holds): &(&str, &[&str])| {
        let mut permissions = PermissionSet::new();
        for held in *holds {
            permissions.insert(held.parse()?, Reach::Assigned);
        }
        Ok((DisplayName::new(name)?, permissions))
    };
    STARTER_PROFILES.iter().map(profile).collect()
}

/// Returns a community to be created, with the starter profiles and its first administrator.
///
/// # Errors
/// A text that is no name or no address.
pub fn community(name: &str, administrator: &str, email: &str) -> Result<NewTenant, Failure> {
    let first = FirstAdministrator {
        email: EmailAddress::new(email)?,
        name: Some(DisplayName::new(administrator)?),
        kind: KindName::new("staff")?,
        role: Some(RoleName::new("administrator")?),
        levels: StarterLevels::OfTheKind,
    };
    let mut community = NewTenant::new(DisplayName::new(name)?, first)
        .with_default_resident_profile(DisplayName::new(DEFAULT_RESIDENT_PROFILE)?);
    for (name, permissions) in starter_profiles()? {
        community = community.with_profile(name, permissions);
    }
    Ok(community)
}

/// Whether the box beside [`AUTHORIZED`] was ticked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Confirmation {
    /// It was.
    Ticked,
    /// It was not, or there was none.
    Empty,
}

/// Returns what "Send Invite" sends: the form as it stands, over one resident's data.
///
/// # Errors
/// A form without an address or without a resident.
pub fn filled_in(
    form: &InviteForm,
    profile: ProfileId,
    ticked: Confirmation,
    now: OffsetDateTime,
) -> Result<NewInvitation, Failure> {
    let subject = form.subject.ok_or("the form is over nobody's data")?;
    let offered = SubjectOffer {
        subject,
        profile,
        window: Window::since(now),
    };
    let sworn = match (&form.statement, ticked) {
        (Some(statement), Confirmation::Ticked) => Sworn::from([(subject, statement.clone())]),
        _ => Sworn::new(),
    };
    Ok(NewInvitation {
        address: form.email.clone().ok_or("the form has no address")?,
        person: form.person,
        name: form.name.clone(),
        offer: Offer::of(form.kind.clone()).with_subject(offered)?,
        sworn,
    })
}

/// Lives a quarter of a year and tells of it.
///
/// # Errors
/// Whatever goes wrong on the way.
pub fn main() -> Result<(), Failure> {
    pollster::block_on(quarter::live())
}
