//! Kalix: a practice whose director invites clinicians, supervisors and office staff.
//!
//! ```text
//! cargo run --example kalix
//! ```
//!
//! First the catalog, all that Doorward learns about the product: its default-access table and the
//! ten permissions of its invite form. Then how its users are invited, and in `kalix/month.rs` a
//! month of one practice, told in plain sentences.

#[path = "kalix/desk.rs"]
mod desk;
#[path = "kalix/month.rs"]
mod month;
#[path = "kalix/newcomers.rs"]
mod newcomers;

use bitflags::bitflags;
use doorward::{
    Admission, FirstAdministrator, Keys, NewTenant, Setup, StarterLevels,
    access::{Administration, Catalog, CatalogError, Reach},
    identity::{AccountClass, Activation, UserNameRule},
    invitations::Policy,
    types::{
        Channel, ClassName, DisplayName, EmailAddress, KindName, NameError, RoleName, Statement,
        StatementName,
    },
};
use doorward_examples::world::Failure;

pub use self::newcomers::{clinician, open_practice, registration, sign_in};

bitflags! {
    /// What Kalix can be asked to protect.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub struct Kalix: u64 {
        /// See appointments with clients.
        const VIEW_APPOINTMENTS = 1 << 0;
        /// Make and change appointments, day-long events and unavailable time.
        const EDIT_APPOINTMENTS = 1 << 1;
        /// Delete appointments.
        const DELETE_APPOINTMENTS = 1 << 2;
        /// See that a colleague is busy, without the client.
        const VIEW_BUSY_TIME = 1 << 3;
        /// Be offered as a schedulable clinician.
        const BE_SCHEDULED = 1 << 4;
        /// See and change one's own available days.
        const SET_OWN_AVAILABILITY = 1 << 5;
        /// See and change one's own blockout days.
        const SET_OWN_BLOCKOUTS = 1 << 6;
        /// Change other users' available days; one's own is another permission.
        const SET_OTHERS_AVAILABILITY = 1 << 7;
        /// Block out other users' calendars.
        const SET_OTHERS_BLOCKOUTS = 1 << 8;
        /// See tasks.
        const VIEW_TASKS = 1 << 9;
        /// Create and change tasks.
        const EDIT_TASKS = 1 << 10;
        /// See clients.
        const VIEW_CLIENTS = 1 << 11;
        /// Change clients.
        const EDIT_CLIENTS = 1 << 12;
        /// See contacts.
        const VIEW_CONTACTS = 1 << 13;
        /// Create and change contacts.
        const EDIT_CONTACTS = 1 << 14;
        /// See referrals.
        const VIEW_REFERRALS = 1 << 15;
        /// Create and change referrals.
        const EDIT_REFERRALS = 1 << 16;
        /// Begin new work on a client: an appointment, a document, a bill.
        const WORK_ON_CLIENT = 1 << 17;
        /// See document templates.
        const VIEW_TEMPLATES = 1 << 18;
        /// Create and change document templates.
        const EDIT_TEMPLATES = 1 << 19;
        /// See documents.
        const VIEW_DOCUMENTS = 1 << 20;
        /// Change documents.
        const EDIT_DOCUMENTS = 1 << 21;
        /// Send documents.
        const SEND_DOCUMENTS = 1 << 22;
        /// See bills and payments.
        const VIEW_BILLS = 1 << 23;
        /// Change bills and payments.
        const EDIT_BILLS = 1 << 24;
        /// See the overview of the bills that one may see.
        const VIEW_BILLING_OVERVIEW = 1 << 25;
        /// Export the bills that one may see in bulk.
        const EXPORT_BILLS = 1 << 26;
        /// See messages.
        const VIEW_MESSAGES = 1 << 27;
        /// Reply to messages.
        const REPLY_TO_MESSAGES = 1 << 28;
        /// Change location settings.
        const EDIT_LOCATION_SETTINGS = 1 << 29;
        /// Change appointment settings.
        const EDIT_APPOINTMENT_SETTINGS = 1 << 30;
        /// Change messaging settings.
        const EDIT_MESSAGING_SETTINGS = 1 << 31;
        /// Change the subscription.
        const EDIT_SUBSCRIPTION = 1 << 32;
        /// Invite, change and remove users; manage groups; read the audit log.
        const MANAGE_USERS = 1 << 33;
        /// Open the account to Kalix support.
        const OPEN_TO_SUPPORT = 1 << 34;
        /// See the names of the user groups.
        const VIEW_GROUPS = 1 << 35;
        /// Change one's own details page.
        const EDIT_OWN_DETAILS = 1 << 36;
        /// Create clients. No switch takes it: who may reach assigned clients only can still take a
        /// new one on, and is assigned to them.
        const CREATE_CLIENTS = 1 << 37;
    }
}

const NO: Option<Reach> = None;
const OWN: Option<Reach> = Some(Reach::Own);
const ALL: Option<Reach> = Some(Reach::Any);

/// Returns the catalog of Kalix.
///
/// # Errors
/// [`CatalogError`] where the declarations contradict each other.
#[rustfmt::skip] // a table reads as a table
pub fn catalog() -> Result<Catalog, CatalogError> {
    use Kalix as P;
    Catalog::builder::<Kalix>()
        .kind("practice_user", |kind| kind
            .roles(["clinical", "supervisor", "administrative", "director"])
            .ceiling_of_everything()
            .attaches_creator())
        .role_table(["clinical", "supervisor", "administrative", "director"], &[
            // Calendar & Appointments                          Clin Sup  Adm  Dir
            (P::VIEW_APPOINTMENTS | P::VIEW_BUSY_TIME,         [ALL, ALL, ALL, ALL]),
            (P::EDIT_APPOINTMENTS | P::DELETE_APPOINTMENTS,    [OWN, ALL, ALL, ALL]),
            (P::SET_OWN_AVAILABILITY | P::SET_OWN_BLOCKOUTS,   [OWN, OWN, OWN, OWN]),
            (P::SET_OTHERS_AVAILABILITY,                       [NO,  NO,  ALL, ALL]),
            (P::SET_OTHERS_BLOCKOUTS,                          [NO,  NO,  ALL, ALL]),
            // Tasks
            (P::VIEW_TASKS | P::EDIT_TASKS,                    [OWN, OWN, ALL, ALL]),
            // Clients, Contacts & Referrals
            (P::CREATE_CLIENTS,                                [ALL, ALL, ALL, ALL]),
            (P::VIEW_CLIENTS | P::EDIT_CLIENTS,                [ALL, ALL, ALL, ALL]),
            (P::VIEW_CONTACTS | P::EDIT_CONTACTS,              [ALL, ALL, ALL, ALL]),
            (P::VIEW_REFERRALS | P::EDIT_REFERRALS,            [ALL, ALL, ALL, ALL]),
            (P::WORK_ON_CLIENT,                                [ALL, ALL, ALL, ALL]),
            // Templates & Documents
            (P::VIEW_TEMPLATES | P::VIEW_DOCUMENTS,            [ALL, ALL, ALL, ALL]),
            (P::EDIT_TEMPLATES | P::EDIT_DOCUMENTS,            [OWN, OWN, OWN, ALL]),
            (P::SEND_DOCUMENTS,                                [OWN, OWN, OWN, OWN]),
            // Billing & Payments
            (P::VIEW_BILLS,                                    [OWN, ALL, ALL, ALL]),
            (P::EDIT_BILLS,                                    [OWN, OWN, ALL, ALL]),
            (P::VIEW_BILLING_OVERVIEW | P::EXPORT_BILLS,       [OWN, OWN, OWN, OWN]),
            // Messaging
            (P::VIEW_MESSAGES | P::REPLY_TO_MESSAGES,          [OWN, ALL, ALL, ALL]),
            // Account Settings
            (P::EDIT_LOCATION_SETTINGS,                        [NO,  NO,  ALL, ALL]),
            (P::EDIT_APPOINTMENT_SETTINGS,                     [NO,  NO,  ALL, ALL]),
            (P::EDIT_MESSAGING_SETTINGS,                       [NO,  NO,  NO,  ALL]),
            (P::EDIT_SUBSCRIPTION,                             [NO,  NO,  NO,  ALL]),
            // Add/Remove Users
            (P::MANAGE_USERS | P::OPEN_TO_SUPPORT,             [NO,  NO,  NO,  ALL]),
            (P::VIEW_GROUPS,                                   [ALL, ALL, ALL, ALL]),
            (P::EDIT_OWN_DETAILS,                              [OWN, OWN, OWN, OWN]),
        ])
        .gives_everything("director")
        // Permissions: the ten switches of the invite form
        .switch("access_billing", |switch| switch.preselected()
            .off_takes(P::VIEW_BILLS | P::EDIT_BILLS, Reach::Own)
            .off_takes(P::VIEW_BILLING_OVERVIEW | P::EXPORT_BILLS, Reach::Own))
        .switch("show_billing_overview", |switch| switch.preselected()
            .off_takes(P::VIEW_BILLING_OVERVIEW | P::EXPORT_BILLS, Reach::Own))
        .switch("access_documents", |switch| switch.preselected()
            .off_takes(P::VIEW_DOCUMENTS | P::EDIT_DOCUMENTS | P::SEND_DOCUMENTS, Reach::Own)
            .off_takes(P::VIEW_TEMPLATES | P::EDIT_TEMPLATES, Reach::Own))
        .switch("edit_document_templates", |switch| switch.preselected()
            .off_takes(P::EDIT_TEMPLATES, Reach::Own))
        .switch("edit_send_other_users_documents", |switch| switch
            .on_grants(P::EDIT_DOCUMENTS | P::SEND_DOCUMENTS, Reach::Any))
        .switch("show_on_calendar", |switch| switch.preselected_except(["administrative"])
            .on_grants(P::BE_SCHEDULED, Reach::Own))
        .switch("can_delete_appointments", |switch| switch.preselected()
            .off_takes(P::DELETE_APPOINTMENTS, Reach::Own))
        .switch("edit_own_availability", |switch| switch.preselected()
            .off_takes(P::SET_OWN_AVAILABILITY | P::SET_OWN_BLOCKOUTS, Reach::Own))
        .switch("edit_all_tasks", |switch| switch.preselected_except(["clinical", "supervisor"])
            .on_grants(P::VIEW_TASKS | P::EDIT_TASKS, Reach::Any)
            .off_takes(P::VIEW_TASKS | P::EDIT_TASKS, Reach::Assigned))
        .switch("access_only_assigned_clients", |switch| switch.only_for_roles(["clinical"])
            .on_takes(P::VIEW_CLIENTS | P::EDIT_CLIENTS | P::WORK_ON_CLIENT, Reach::Any)
            .on_takes(P::VIEW_CONTACTS | P::EDIT_CONTACTS, Reach::Any)
            .on_takes(P::VIEW_REFERRALS | P::EDIT_REFERRALS, Reach::Any)
            .on_takes(P::VIEW_APPOINTMENTS | P::VIEW_TASKS | P::EDIT_TASKS, Reach::Any)
            .on_takes(P::VIEW_DOCUMENTS | P::EDIT_DOCUMENTS | P::SEND_DOCUMENTS, Reach::Any))
        // Areas: what is switched off or not the role's is hidden
        .feature("calendar", |area| area.needs_any_of(P::VIEW_APPOINTMENTS))
        .feature("billing", |area| area.needs_any_of(P::VIEW_BILLS).else_hidden())
        .feature("billing_overview", |area| area
            .needs_any_of(P::VIEW_BILLING_OVERVIEW).else_hidden())
        .feature("documents", |area| area.needs_any_of(P::VIEW_DOCUMENTS).else_hidden())
        .feature("own_availability", |area| area
            .needs_any_of(P::SET_OWN_AVAILABILITY).else_hidden())
        .feature("account_settings", |area| area.else_hidden()
            .needs_any_of(P::EDIT_LOCATION_SETTINGS | P::EDIT_APPOINTMENT_SETTINGS)
            .needs_any_of(P::EDIT_MESSAGING_SETTINGS | P::EDIT_SUBSCRIPTION))
        .feature("user_management", |area| area.needs_any_of(P::MANAGE_USERS).else_hidden())
        // Administration: directors only, but for taking clients on. What a role holds "can not be
        // changed", so that levels and profiles are nobody's to edit.
        .administered_by(P::MANAGE_USERS, [
            Administration::ConfigureTenant, Administration::EditMemberDetails,
            Administration::Export, Administration::Grant, Administration::Invite,
            Administration::ManageAccounts, Administration::ManageGroups,
            Administration::ManageMembers, Administration::ReadAudit,
            Administration::ResetCredentials, Administration::ViewAccess,
        ])
        .administered_by(P::CREATE_CLIENTS, [Administration::ManagePeople])
        .administered_by(P::EDIT_CLIENTS, [Administration::EditPeople])
        .administered_by(P::OPEN_TO_SUPPORT, [Administration::OpenSupport])
        .support(|support| support
            .holds(P::VIEW_APPOINTMENTS | P::VIEW_CLIENTS | P::VIEW_DOCUMENTS, Reach::Any)
            .holds(P::VIEW_BILLS | P::VIEW_MESSAGES | P::VIEW_GROUPS, Reach::Any))
        .build()
}

/// Returns the texts that new users read before they click Register, in their present versions.
///
/// # Errors
/// None: both names are names.
pub fn terms() -> Result<[Statement; 2], NameError> {
    let text = |name, text| Ok(Statement::of(StatementName::new(name)?, 1, text));
    Ok([
        text("terms_and_conditions", "The Terms and Conditions of Kalix.")?,
        text("privacy_policy", "The Privacy Policy of Kalix.")?,
    ])
}

/// Returns how Kalix runs on Doorward: users sign in at its web page by their e-mail, register when
/// they accept an invitation, and "pending invitations expire after seven days".
///
/// # Errors
/// A catalog that contradicts itself.
pub fn setup(keys: Keys) -> Result<Setup, Failure> {
    let user = ClassName::new("kalix_user")?;
    let class = AccountClass::new(user.clone(), [Channel::Portal], Activation::AtAccept)
        .with_user_name(UserNameRule::IsEmail);
    let policy = terms()?
        .into_iter()
        .fold(Policy::seven_days(), Policy::with_terms);
    let product = DisplayName::new("Kalix")?;
    let admission = Admission {
        class: user,
        policy,
    };
    Ok(
        Setup::new(product, "https://kalix.example", keys, catalog()?)
            .with_class(class)
            .with_admission(KindName::new("practice_user")?, admission),
    )
}

/// Returns a practice to be created, with its first director.
///
/// # Errors
/// A text that is no name or no address.
pub fn practice(name: &str, director: &str, email: &str) -> Result<NewTenant, Failure> {
    let first = FirstAdministrator {
        email: EmailAddress::new(email)?,
        name: Some(DisplayName::new(director)?),
        kind: KindName::new("practice_user")?,
        role: Some(RoleName::new("director")?),
        levels: StarterLevels::OfTheKind,
    };
    Ok(NewTenant::new(DisplayName::new(name)?, first))
}

/// Lives the month.
///
/// # Errors
/// Whatever goes wrong on the way.
pub fn main() -> Result<(), Failure> {
    pollster::block_on(month::live())
}
