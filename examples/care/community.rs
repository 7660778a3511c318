//! A community: its tenant, its Director at work.

use std::collections::{BTreeMap, BTreeSet};

use doorward::{
    Credential, Doorward, Error, Operator, RegisterForm, SignedIn, TenantRow, ViewAccess,
    identity::{Session, SignInRefusal},
    invitations::{Confirmed, Next, Status},
    storage::Limit,
    types::{Channel, DisplayName, EmailAddress, PersonId, TenantId},
};
use doorward_examples::alis_connect;

use super::{
    choice::mark,
    failure::Failure,
    mailbox::Letter,
    people::{People, Row},
    post::Post,
};

/// The password of every Director in this journey.
const PASSWORD: &str = "seven lanterns over the quiet harbour";

/// One community with everything its Director knows.
pub(crate) struct Community {
    /// What it is called.
    pub name: DisplayName,
    /// Its tenant.
    pub tenant: TenantId,
    /// The Director, signed in.
    pub director: Session,
    /// The person each row of the list was recorded as.
    pub by_row: BTreeMap<String, PersonId>,
    /// Everybody to invite.
    pub rows: Vec<Invitee>,
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
    /// Opens the tenants that earlier runs created, and one for every other community on the list,
    /// each with its Director: the oldest first.
    ///
    /// A community is found by its name. Its Director signs in, or is let in by the mailed link.
    pub(crate) async fn open_all(
        door: &Doorward,
        post: &mut Post,
        people: &People,
    ) -> Result<Vec<Self>, Failure> {
        let operator = door.operator();
        let earlier = tenants(door, &operator).await?;
        let known: BTreeSet<&DisplayName> = earlier.iter().map(|row| &row.name).collect();
        let named = people.communities();
        for name in named.iter().filter(|name| !known.contains(name)) {
            let director = director_of(name);
            let new = alis_connect::community(name.as_str(), "The Director", &director)
                .map_err(Failure::of)?;
            door.create_tenant(&operator, new).await?;
        }
        post.hand_over(door).await?;
        let mut letters = None;
        let mut communities = Vec::new();
        for row in tenants(door, &operator).await? {
            let address = director_of(&row.name);
            let is_earlier = earlier.iter().any(|known| known.tenant == row.tenant);
            let signed_in = if is_earlier {
                try_sign_in(door, row.tenant, &address, PASSWORD).await?
            } else {
                None
            };
            let director = match signed_in {
                Some(session) => session,
                None => {
                    let letters = match &letters {
                        Some(letters) => letters,
                        None => letters.insert(by_address(post.mailbox.letters()?)),
                    };
                    let letter = EmailAddress::new(&address).ok();
                    let letter = letter.and_then(|address| letters.get(&address));
                    let letter = letter.ok_or_else(|| nobody_directs(&row, post))?;
                    register(door, &row, letter, post).await?;
                    sign_in(door, row.tenant, &address, PASSWORD).await?
                }
            };
            communities.push(Self {
                name: row.name,
                tenant: row.tenant,
                director,
                by_row: BTreeMap::new(),
                rows: Vec::new(),
            });
        }
        Ok(communities)
    }

    /// Reads the last invitation of everybody who was ever invited.
    pub(crate) async fn invitations(
        &self,
        door: &Doorward,
    ) -> Result<BTreeMap<PersonId, Invitation>, Failure> {
        let permit = door.authorise(&self.director, ViewAccess).await?;
        let (mut last, mut after) = (BTreeMap::new(), None);
        loop {
            let listed = door.email_statuses(&permit, after.as_ref(), Limit::MAX);
            let page = listed.await?;
            for row in page.rows {
                if let Some(person) = row.person {
                    let invitation = Invitation {
                        id: row.invitation,
                        status: row.status,
                    };
                    last.insert(person, invitation);
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(last),
            }
        }
    }
}

/// An invitation as its community knows it.
pub(crate) struct Invitation {
    /// Which one.
    pub id: doorward::types::InvitationId,
    /// Where it stands.
    pub status: Status,
}

impl Invitation {
    /// Tells whether it waits or was answered; any other one gives its place to the next.
    pub(crate) fn counts(&self) -> bool {
        matches!(
            self.status,
            Status::Invited | Status::Accepted | Status::Declined
        )
    }
}

/// Signs somebody in to the portal.
pub(crate) async fn sign_in(
    door: &Doorward,
    tenant: TenantId,
    name: &str,
    password: &str,
) -> Result<Session, Failure> {
    let session = try_sign_in(door, tenant, name, password).await?;
    session.ok_or_else(|| Failure::new(format!("`{name}` cannot sign in")))
}

async fn try_sign_in(
    door: &Doorward,
    tenant: TenantId,
    name: &str,
    password: &str,
) -> Result<Option<Session>, Failure> {
    let credential = Credential::Password(password.into());
    let opened: Result<SignedIn, Error<SignInRefusal>> = door
        .sign_in(tenant, Channel::Portal, name, credential, None)
        .await;
    match opened {
        Ok(SignedIn::Session(session)) => Ok(Some(session)),
        Ok(SignedIn::NewPassword { .. }) => {
            Err(Failure::new("a temporary password was not expected"))
        }
        Err(Error::Rejected(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn tenants(door: &Doorward, operator: &Operator) -> Result<Vec<TenantRow>, Failure> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = door.tenants(operator, after.as_ref(), Limit::MAX).await?;
        all.extend(page.rows);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

/// The address of a community's Director: the same in every run, whatever else is on the list.
fn director_of(name: &DisplayName) -> String {
    let seat = mark("director", name.as_str());
    format!("director.{seat:016x}@communities.example")
}

fn by_address(letters: BTreeMap<uuid::Uuid, Letter>) -> BTreeMap<EmailAddress, Letter> {
    letters
        .into_values()
        .map(|letter| (letter.to.clone(), letter))
        .collect()
}

async fn register(
    door: &Doorward,
    row: &TenantRow,
    letter: &Letter,
    post: &Post,
) -> Result<(), Failure> {
    let Next::Register { terms } = door.inspect_invitation(&letter.link).await?.next else {
        return Err(nobody_directs(row, post));
    };
    let form = RegisterForm {
        name: DisplayName::new(&format!("Director of {}", row.name))?,
        password: PASSWORD.into(),
        agreed: terms,
    };
    door.accept_by_link(&letter.link, form, Confirmed::by_post(), None)
        .await?;
    Ok(())
}

fn nobody_directs(row: &TenantRow, post: &Post) -> Failure {
    Failure::new(format!(
        "nobody directs `{}`: the database must be one of this example, and the invitation of its \
         Director in `{}`",
        row.name,
        post.mailbox.folder().display()
    ))
}
