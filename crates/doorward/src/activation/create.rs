//! Creating an account for a person of the tenant, in one commit.

use doorward_access::{Details, FitRejection, Joining, Membership, OfferVerdict, Shortfall};
use doorward_identity::{
    Account, Activation, Authority, CellNumber, Handover, LooksLikeAnother, OwnUserName, Person,
    Registration, account::RegisterRejection,
};
use doorward_types::{
    AccountId, ClassName, EmailAddress, Levels, MembershipId, Offer, PersonId, RoleName, Scope,
    Switches, UserName, Window,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    Doorward, Error, Fault, ManageAccounts, Permit, Shown, audit_trail,
    passwords::Giving,
    record::Loaded,
    stored::{
        access::{Seat, person_member},
        identity::person_address,
    },
    work::{Committed, Tries, Work},
};

/// An account to be created for a person.
#[derive(Clone, Debug, Serialize)]
pub struct NewAccount {
    /// For whom; their kind is the kind of member they become.
    pub person: PersonId,
    /// The class of the account.
    pub class: ClassName,
    /// Where its mails go.
    pub address: EmailAddress,
    /// The user name in this tenant (HomeTrak "Enter a unique username for this person").
    pub user_name: Option<UserName>,
    /// The cell number.
    pub cell: Option<CellNumber>,
    /// The role, where the kind has roles.
    pub role: Option<RoleName>,
    /// The levels; without a choice, what the kind has by default (HomeTrak: office staff "will have
    /// full access to all available features").
    pub levels: Option<Levels>,
    /// The switches that are not as the catalog pre-selects them.
    pub switches: Switches,
    /// Who gets to read a temporary password, where the class begins with one.
    pub handover: Handover,
}

/// An account that was created.
#[derive(Debug, Deserialize, Serialize)]
pub struct AccountCreated {
    /// The account.
    pub account: AccountId,
    /// The person's membership.
    pub membership: MembershipId,
    /// Until when the activation mail or the temporary password can be used, in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// The temporary password, where it is shown: once.
    #[serde(skip)]
    pub password: Option<SecretString>,
}

/// Why no account was created.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CreateAccountRejection {
    /// The member would hold what the administrator cannot give.
    #[error("the access {0}")]
    Above(Shortfall),
    /// The address is another person's here (design 9.10), or another member's.
    #[error("the address belongs to another person here: give this one an address of their own")]
    AddressTaken,
    /// Kind, role, levels and switches do not go together.
    #[error(transparent)]
    Fit(#[from] FitRejection),
    /// The person is a member.
    #[error("the person has an account here already")]
    HasAccount,
    /// The user name could be taken for another one.
    #[error(transparent)]
    LooksLikeAnother(#[from] LooksLikeAnother),
    /// The host's policy shows temporary passwords to nobody but their person.
    #[error("temporary passwords are not shown here: have it mailed")]
    NotShown,
    /// The class refuses it.
    #[error(transparent)]
    Rule(#[from] RegisterRejection),
    /// The user name is another account's here.
    #[error("the user name is taken: choose another")]
    UserNameTaken,
}

type Refused = Error<CreateAccountRejection>;

fn refused<T>(rejection: impl Into<CreateAccountRejection>) -> Result<T, Refused> {
    Err(Error::Rejected(rejection.into()))
}

impl Doorward {
    /// Creates an account for a person of the tenant, with their membership: registered, named,
    /// joined, and mailed what their class begins with, in one commit. The tenant manages it until
    /// its person joins a second one.
    ///
    /// Whether the address has an account elsewhere is not told: where it has, the activation link
    /// leads to signing in there ([`yield_membership`](Self::yield_membership)).
    ///
    /// # Errors
    /// [`CreateAccountRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn create_account(
        &self,
        permit: Permit<ManageAccounts>,
        new: NewAccount,
    ) -> Result<AccountCreated, Error<CreateAccountRejection>> {
        let outcome = self.create_account_once(&permit, &new).await;
        self.settled(&permit, outcome).await
    }

    async fn create_account_once(
        &self,
        permit: &Permit<ManageAccounts>,
        new: &NewAccount,
    ) -> Result<AccountCreated, Refused> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("create_account", new)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            if new.handover == Handover::Shown
                && self.setup().temporary_passwords == Shown::ToThePerson
            {
                return refused(CreateAccountRejection::NotShown);
            }
            let person = self
                .need::<Person>(permit.scope(), new.person.as_uuid(), "person")
                .await?;
            work.guard(&person);
            self.refuse_taken(&permit, new).await?;
            let account = self
                .register(&permit, &mut work, new, &person.state)
                .await?;
            let membership = self
                .join_created(&permit, &mut work, new, &person, &account)
                .await?;
            let mut created = AccountCreated {
                account: account.id(),
                membership,
                expires_at: permit.now(),
                password: None,
            };
            let account = self
                .begin(&permit, &mut work, new, account, &mut created)
                .await?;
            work.create(Scope::Directory, &account)?;
            if let Committed::Done(created) = work.commit(self, &mut tries, created).await? {
                return Ok(created);
            }
        }
    }

    async fn refuse_taken(
        &self,
        permit: &Permit<ManageAccounts>,
        new: &NewAccount,
    ) -> Result<(), Refused> {
        let scope = permit.scope();
        let claim = person_member(scope, new.person.as_bytes());
        if self.claimed::<Membership>(&claim).await?.is_some() {
            return refused(CreateAccountRejection::HasAccount);
        }
        if let Some(name) = &new.user_name
            && self.is_named(permit.tenant(), name, None).await?
        {
            return refused(CreateAccountRejection::UserNameTaken);
        }
        let claim = person_address(scope, &new.address);
        let holder = self.claimed::<Person>(&claim).await?;
        let anothers = holder.is_some_and(|read| read.state.id != new.person);
        if anothers || self.is_members_address(scope, &new.address, None).await? {
            return refused(CreateAccountRejection::AddressTaken);
        }
        Ok(())
    }

    /// Tells whether a member of the tenant has proved the address, other than this account; whether
    /// anybody else has is not this tenant's to know (design 6).
    pub(crate) async fn is_members_address(
        &self,
        scope: Scope,
        address: &EmailAddress,
        account: Option<AccountId>,
    ) -> Result<bool, Fault> {
        let member = self.member_who_proved(scope, address).await?;
        Ok(member.is_some_and(|member| Some(member.state.account()) != account))
    }

    async fn register(
        &self,
        permit: &Permit<ManageAccounts>,
        work: &mut Work,
        new: &NewAccount,
        person: &Person,
    ) -> Result<Account, Refused> {
        let tenant = permit.tenant();
        let registration = Registration {
            id: AccountId::made_at(permit.now(), self.random()?),
            name: person.name.clone(),
            address: new.address.clone(),
            user_name: new
                .user_name
                .clone()
                .map(|name| OwnUserName { tenant, name }),
            cell: new.cell.clone(),
        };
        let class = self.class(&new.class)?;
        let registered = Account::register_pending(registration, class, tenant, permit.now());
        let (account, events) = match registered {
            Ok(registered) => registered,
            Err(rule) => return refused(rule),
        };
        if let Err(clash) = self.reskeleton(work, None, &account).await? {
            return refused(clash);
        }
        self.follow_up(work, &account, &events, None).await?;
        Ok(account)
    }

    async fn join_created(
        &self,
        permit: &Permit<ManageAccounts>,
        work: &mut Work,
        new: &NewAccount,
        person: &Loaded<Person>,
        account: &Account,
    ) -> Result<MembershipId, Refused> {
        let (now, tenant, scope) = (permit.now(), permit.tenant(), permit.scope());
        let kind = &person.state.kind;
        let by_default = || {
            let kind = self.catalog().kind(kind);
            kind.map_or_else(Levels::none, doorward_access::Kind::default_levels)
        };
        let mut offer = Offer::of(kind.clone())
            .with_levels(new.levels.clone().unwrap_or_else(by_default))
            .with_switches(new.switches.clone());
        if let Some(role) = &new.role {
            offer = offer.with_role(role.clone());
        }
        let judged = self.judge(scope, &offer, &permit.authority()).await?;
        judged.give(work)?;
        let fitted = match judged.verdict {
            Ok(OfferVerdict::Within(fitted)) => fitted,
            Ok(OfferVerdict::Above(above)) => {
                return refused(CreateAccountRejection::Above(above));
            }
            Err(unfit) => return refused(unfit),
        };
        let id = MembershipId::made_at(now, self.random()?);
        let joining = Joining {
            id,
            tenant,
            account: account.id(),
            person: Some(person.state.id),
            invitation: None,
            window: Window::since(now),
            details: Details {
                name: Some(person.state.name.clone()),
                ..Details::default()
            },
        };
        let (member, events) = Membership::join(joining, &fitted, now);
        work.create(scope, &member)?;
        work.note(events.iter().map(audit_trail::membership));
        let seat = Seat {
            account: account.id(),
            tenant,
            membership: id,
        };
        work.create(Scope::Directory, &seat)?;
        Ok(id)
    }

    /// Mails what the class begins with.
    async fn begin(
        &self,
        permit: &Permit<ManageAccounts>,
        work: &mut Work,
        new: &NewAccount,
        account: Account,
        created: &mut AccountCreated,
    ) -> Result<Account, Refused> {
        let class = self.class(&new.class)?;
        let tenant = self.need_tenant(permit.tenant()).await?.state.name;
        let authority = Authority::Administrator(permit.tenant());
        match class.activation() {
            Activation::ByTemporaryPassword(_) => {
                let giving = Giving {
                    authority,
                    class,
                    handover: new.handover,
                    tenant,
                };
                let given = self.temporary_into(work, account, giving).await?;
                // The class was looked at, and the account is new: nothing refuses it.
                let (next, issued) = given.map_err(|_| Fault::Busy)?;
                created.expires_at = issued.expires_at;
                created.password = issued.password;
                Ok(next)
            }
            Activation::AtAccept | Activation::ByMail => {
                let mailed = self.activation_into(work, account, authority, &tenant);
                let (next, mailed) = mailed.await?.map_err(|_| Fault::Busy)?;
                created.expires_at = mailed.expires_at;
                Ok(next)
            }
        }
    }
}
