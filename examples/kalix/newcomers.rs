//! How people come in to Kalix: a practice with its director, the invitation of a clinician, the
//! page that registers, and the page that signs in.

use doorward::{
    Credential, Doorward, NewInvitation, RegisterForm, SignedIn,
    identity::Session,
    invitations::{Confirmed, Sworn},
    types::{Channel, DisplayName, EmailAddress, KindName, Offer, RoleName, TenantId},
};
use doorward_examples::world::{self, Failure};
use secrecy::SecretString;

/// What everybody types at the pages of Kalix; a service never sees a password twice.
pub(super) const PASSWORD: &str = "nine green herons stand";

/// Opens a practice: its director follows the link of the operator's invitation and signs in.
///
/// # Errors
/// Whatever goes wrong on the way.
pub async fn open_practice(
    door: &Doorward,
    name: &str,
    (director, email): (&str, &str),
) -> Result<(TenantId, Session), Failure> {
    let practice = super::practice(name, director, email)?;
    let tenant = door.create_tenant(&door.operator(), practice).await?.tenant;
    let link = world::mailed_link(door).await?;
    let form = registration(director)?;
    door.accept_by_link(&link, form, Confirmed::by_post(), None)
        .await?;
    Ok((tenant, sign_in(door, tenant, email).await?))
}

/// Returns the invitation of a clinician, with the permissions that Kalix selects beforehand.
///
/// # Errors
/// A text that is no address.
pub fn clinician(email: &str) -> Result<NewInvitation, Failure> {
    let kind = KindName::new("practice_user")?;
    Ok(NewInvitation {
        address: EmailAddress::new(email)?,
        person: None,
        name: None,
        offer: Offer::of(kind).with_role(RoleName::new("clinical")?),
        sworn: Sworn::new(),
    })
}

/// Returns the registration page as filled in: a name, a password, both texts agreed to.
///
/// # Errors
/// A text that is no name.
pub fn registration(name: &str) -> Result<RegisterForm, Failure> {
    Ok(RegisterForm {
        name: DisplayName::new(name)?,
        password: SecretString::from(PASSWORD),
        agreed: super::terms()?.into(),
    })
}

/// Signs in at the web page of a practice.
///
/// # Errors
/// A refusal, which never says whether the address is known, or a fault.
pub async fn sign_in(door: &Doorward, to: TenantId, email: &str) -> Result<Session, Failure> {
    let password = Credential::Password(SecretString::from(PASSWORD));
    match door
        .sign_in(to, Channel::Portal, email, password, None)
        .await?
    {
        SignedIn::Session(session) => Ok(session),
        SignedIn::NewPassword { .. } => Err("nobody has a temporary password here".into()),
    }
}
