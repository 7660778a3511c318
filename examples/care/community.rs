//! A community: its tenant, its Director at work.

use std::collections::{BTreeMap, BTreeSet};

use doorward::{
    Credential, Dispatched, Doorward, RegisterForm, SignedIn, TenantCreated,
    identity::Session,
    invitations::Confirmed,
    mailer::Mailer,
    storage::Limit,
    types::{Channel, DisplayName, InvitationId, PersonId, TenantId},
};
use doorward_examples::alis_connect;

use crate::{
    failure::Failure,
    mailbox::Mailbox,
    people::{People, Row},
};

/// The password of every Director in this journey.
const PASSWORD: &str = "seven lanterns over the quiet harbour";

/// One community with everything its Director knows.
pub(crate) struct Community {
    /// What it is called.
    pub name: String,
    /// Its tenant.
    pub tenant: TenantId,
    /// The Director, signed in.
    pub director: Session,
    /// The person each row of the list was recorded as.
    pub by_row: BTreeMap<String, PersonId>,
    /// Everybody to invite.
    pub rows: Vec<Invitee>,
    /// Who was invited by which invitation.
    pub invited: BTreeMap<InvitationId, PersonId>,
}

/// A row of the list, and whom and whose data it means.
pub(crate) struct Invitee {
    /// The row.
    pub row: Row,
    /// The person.
    pub person: PersonId,
    /// Whose data they are to see: a resident their own, a contact the resident's.
    pub subject: Option<PersonId>,
}

impl Community {
    /// Opens a tenant for every community on the list, each with its Director.
    pub(crate) async fn open_all(
        door: &Doorward,
        mailer: &dyn Mailer,
        mailbox: &Mailbox,
        people: &People,
    ) -> Result<Vec<Self>, Failure> {
        let mut names: Vec<&str> = people
            .residents
            .iter()
            .map(|row| row.community.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        let operator = door.operator();
        let mut communities = Vec::new();
        for (number, name) in names.into_iter().enumerate() {
            let address = format!("director{}@communities.example", number + 1);
            let new =
                alis_connect::community(name, "The Director", &address).map_err(Failure::of)?;
            let created: TenantCreated = door.create_tenant(&operator, new).await?;
            hand_over(door, mailer).await?;
            let link = mailbox.link_of(created.invitation.as_uuid())?.link;
            let director = DisplayName::new(&format!("Director of {name}"))?;
            let form = RegisterForm {
                name: director,
                password: PASSWORD.into(),
                agreed: BTreeSet::new(),
            };
            door.accept_by_link(&link, form, Confirmed::by_post(), None)
                .await?;
            communities.push(Self {
                name: name.to_owned(),
                tenant: created.tenant,
                director: sign_in(door, created.tenant, &address, PASSWORD).await?,
                by_row: BTreeMap::new(),
                rows: Vec::new(),
                invited: BTreeMap::new(),
            });
        }
        Ok(communities)
    }
}

/// Signs somebody in to the portal.
pub(crate) async fn sign_in(
    door: &Doorward,
    tenant: TenantId,
    name: &str,
    password: &str,
) -> Result<Session, Failure> {
    let credential = Credential::Password(password.into());
    match door
        .sign_in(tenant, Channel::Portal, name, credential, None)
        .await?
    {
        SignedIn::Session(session) => Ok(session),
        SignedIn::NewPassword { .. } => Err(Failure::new("a temporary password was not expected")),
    }
}

/// Hands over every mail that waits.
pub(crate) async fn hand_over(door: &Doorward, mailer: &dyn Mailer) -> Result<Dispatched, Failure> {
    let mut all = Dispatched::default();
    loop {
        let done = door.dispatch_once(mailer, door.now(), Limit::MAX).await?;
        if done.total_count() == 0 {
            return Ok(all);
        }
        all.sent_count += done.sent_count;
        all.dropped_count += done.dropped_count;
        all.refused_count += done.refused_count;
        if let Some(fault) = done.set_up_faults.first() {
            return Err(Failure::new(format!(
                "mail could not be handed over: {fault}"
            )));
        }
        if done.deferred_count > 0 {
            return Err(Failure::new(
                "the mail folder takes no mail now: is the disk full?",
            ));
        }
    }
}
