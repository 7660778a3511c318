//! What the window "Manage Identity Account" shows before anything is saved.

use doorward_access::Membership;
use doorward_identity::{Account, CellNumber, Person, Status};
use doorward_types::{
    ClassName, DisplayName, EmailAddress, MembershipId, Note, PersonId, UserName,
};

use crate::{Doorward, Fault, ManageAccounts, Permit, Versioned, stored::access::person_member};

/// The account of a person, or what one would begin with.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccountForm {
    /// The person (HomeTrak "User: The name of the person this username is attached to").
    pub person: PersonId,
    /// What they are called.
    pub name: DisplayName,
    /// Their membership, if they have one: the account's use cases name it.
    pub membership: Option<MembershipId>,
    /// The user name in this tenant.
    pub user_name: Option<UserName>,
    /// The address: the account's, else the person's (HomeTrak "automatically be filled with the
    /// email address from the person's profile, if it is specified there").
    pub address: Option<EmailAddress>,
    /// The cell number, found likewise.
    pub cell: Option<CellNumber>,
    /// The class of the account, if there is one (HomeTrak "Is Identity").
    pub class: Option<ClassName>,
    /// Where the account stands, if there is one.
    pub status: Option<Status>,
    /// The administrators' note, where they manage the account.
    pub note: Note,
}

impl Doorward {
    /// Reads the account of a person as a form, filled in from the person where there is none yet.
    ///
    /// # Errors
    /// A [`Fault`], [`Fault::Unknown`] among them.
    pub async fn account_form(
        &self,
        permit: &Permit<ManageAccounts>,
        person: PersonId,
    ) -> Result<Versioned<AccountForm>, Fault> {
        let (tenant, scope) = (permit.tenant(), permit.scope());
        let person = self
            .need::<Person>(scope, person.as_uuid(), "person")
            .await?;
        let claim = person_member(scope, person.state.id.as_bytes());
        let member = self.claimed::<Membership>(&claim).await?;
        let mut form = AccountForm {
            person: person.state.id,
            name: person.state.name.clone(),
            membership: member.as_ref().map(|read| read.state.id()),
            user_name: None,
            address: person.state.email.clone(),
            cell: person.state.cell.clone(),
            class: None,
            status: None,
            note: Note::default(),
        };
        let Some(member) = member else {
            return Ok(Versioned {
                value: form,
                version: person.form_version(),
            });
        };
        let account = self.account_of(member.state.account()).await?;
        let version = account.form_version();
        form.fill(tenant, &account.state);
        Ok(Versioned {
            value: form,
            version,
        })
    }
}

impl AccountForm {
    fn fill(&mut self, tenant: doorward_types::TenantId, account: &Account) {
        let named_here = account.user_name().filter(|own| own.tenant == tenant);
        self.user_name = named_here.map(|own| own.name.clone());
        self.class = account.class().cloned();
        self.status = Some(account.status());
        if let Some(address) = account.address() {
            self.address = Some(address.as_email().clone());
        }
        // What its person keeps in an account of their own is not this tenant's to read.
        if account.managed_by() == Some(tenant) {
            self.cell = account.cell().cloned();
            self.note = account.note().cloned().unwrap_or_default();
        }
    }
}
