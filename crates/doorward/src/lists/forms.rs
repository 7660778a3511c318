//! The invite form, filled from what is known.

use doorward_access::Profile;
use doorward_identity::Person;
use doorward_invitations::{AttestationRule, Invitation, Lifetime};
use doorward_types::{
    DisplayName, EmailAddress, KindName, PersonId, ProfileId, RoleName, Scope, Statement,
    SubjectId, Switches,
};

use super::InvitationRow;
use crate::{
    Doorward, Error, Fault, Invite, Never, Permit,
    stored::{access::every, invitations::open_invitation},
};

/// The form behind "Send Invite": filled from the person, with what can be chosen.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InviteForm {
    /// The person, where the tenant has a record of them.
    pub person: Option<PersonId>,
    /// What the person is called.
    pub name: Option<DisplayName>,
    /// ALIS: "Any email already saved to the contact profile will pre-populate in this field."
    pub email: Option<EmailAddress>,
    /// The kind of user the invitation makes.
    pub kind: KindName,
    /// Over whose data it gives access, if over one person's.
    pub subject: Option<SubjectId>,
    /// The profiles to choose from, by name (ALIS "User Profile"); none where there is no subject.
    pub profiles: Vec<ProfileChoice>,
    /// The profile that the one-click invite of a resident offers (design 9.2).
    pub default_profile: Option<ProfileId>,
    /// The roles to choose from, each with its switches as they are pre-selected (Kalix).
    pub roles: Vec<RoleChoice>,
    /// The switches as they are pre-selected for a kind without roles.
    pub switches: Switches,
    /// What the inviter must confirm (ALIS: "Select the checkbox to confirm that this user is
    /// authorized to view the resident's sensitive information"); `None` where nothing is.
    pub statement: Option<Statement>,
    /// How long the invitation will be good for (ALIS: "expires in 30 days"; Kalix: seven days).
    pub lifetime: Lifetime,
    /// The invitation to the address that is open already: it is sent again or amended instead.
    pub open: Option<InvitationRow>,
}

/// A profile that can be chosen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProfileChoice {
    /// Which.
    pub id: ProfileId,
    /// The name it has today.
    pub name: DisplayName,
}

/// A role that can be chosen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RoleChoice {
    /// Which.
    pub role: RoleName,
    /// Its whole switch set, as the form shows it first.
    pub switches: Switches,
}

impl Doorward {
    /// Fills the form that invites a person, over somebody's data, over their own, or over nobody's
    /// in particular.
    ///
    /// # Errors
    /// [`Fault::Unknown`] for people of another tenant, [`Fault::SetUp`] where the host never said
    /// how the person's kind is invited, [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn invite_form(
        &self,
        permit: &Permit<Invite>,
        person: PersonId,
        over: Option<SubjectId>,
    ) -> Result<InviteForm, Error<Never>> {
        let permit = self.again(permit).await?;
        let scope = permit.scope();
        let person = self
            .need::<Person>(scope, person.as_uuid(), "person")
            .await?
            .state;
        if let Some(subject) = over {
            let id = subject.person().as_uuid();
            self.need::<Person>(scope, id, "person").await?;
        }
        let mut form = self.blank_form(&permit, &person.kind, over).await?;
        if let Some(address) = &person.email {
            let open = self
                .claimed::<Invitation>(&open_invitation(scope, address))
                .await?;
            form.open = open.map(|open| InvitationRow::of(&open.state, None, permit.now()));
        }
        if over.is_some_and(|subject| subject.person() == person.id) {
            let tenant = self.need_tenant(permit.tenant()).await?;
            form.default_profile = tenant.state.default_resident_profile();
            // Residents see their own record: nothing is sworn (design 9.2).
            form.statement = None;
        }
        form.person = Some(person.id);
        form.name = Some(person.name);
        form.email = person.email;
        Ok(form)
    }

    /// Fills the form that invites somebody of whom the tenant has no record (Kalix: "enter the new
    /// user's log-in email and select their access level or role").
    ///
    /// # Errors
    /// [`Fault::SetUp`] where the host never said how the kind is invited,
    /// [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn invite_form_of(
        &self,
        permit: &Permit<Invite>,
        kind: &KindName,
    ) -> Result<InviteForm, Error<Never>> {
        let permit = self.again(permit).await?;
        Ok(self.blank_form(&permit, kind, None).await?)
    }

    async fn blank_form(
        &self,
        permit: &Permit<Invite>,
        kind: &KindName,
        over: Option<SubjectId>,
    ) -> Result<InviteForm, Fault> {
        let policy = &self.admission(kind)?.policy;
        let statement = match policy.attestation() {
            AttestationRule::Required(statement) if over.is_some() => Some(statement.clone()),
            AttestationRule::Required(_) | AttestationRule::NotNeeded => None,
        };
        let profiles = match over {
            Some(_) => self.profile_choices(permit.scope()).await?,
            None => Vec::new(),
        };
        let catalog = self.catalog();
        let roles = catalog.kind(kind).map_or(&[][..], |kind| kind.roles());
        let choice = |role: &RoleName| RoleChoice {
            role: role.clone(),
            switches: catalog.preselected(kind, Some(role)),
        };
        Ok(InviteForm {
            person: None,
            name: None,
            email: None,
            kind: kind.clone(),
            subject: over,
            profiles,
            default_profile: None,
            roles: roles.iter().map(choice).collect(),
            switches: catalog.preselected(kind, None),
            statement,
            lifetime: policy.lifetime(),
            open: None,
        })
    }

    async fn profile_choices(&self, scope: Scope) -> Result<Vec<ProfileChoice>, Fault> {
        let profiles = self.every::<Profile>(&every(scope, "profile")).await?;
        let active = profiles.iter().filter(|profile| profile.state.is_active());
        let choice = active.map(|profile| ProfileChoice {
            id: profile.state.id(),
            name: profile.state.name().clone(),
        });
        Ok(choice.collect())
    }
}
