//! The operator: the host process itself, which creates tenants, finds them again, and erases what no
//! tenant manages.
//!
//! ```text
//!   host start ──operator()──> Operator ──create_tenant──> tenant, starter levels and profiles,
//!                                                          the first administrator's invitation
//!                              └──erase_unmanaged_account──> a closed account that nobody else can erase
//! ```

mod erase;
mod starter;
mod tenants;

use std::collections::BTreeSet;

use doorward_access::{
    Authority, Combination, FitRejection, Level, OfferVerdict, PermissionSet, Profile,
    UnknownPermissions, judge_offer,
};
use doorward_invitations::{
    AddressStanding, Issue, IssueRejection, Sponsor, SponsorVerdict, Sworn,
};
use doorward_types::{
    DisplayName, EmailAddress, Generation, InvitationId, KindName, LevelId, Levels, Offer,
    Principal, ProfileId, RequestId, RoleName, Scope, TenantId,
};
use serde::{Deserialize, Serialize};

pub use self::{erase::OperatorEraseRejection, tenants::TenantRow};

use self::starter::StarterSets;
use crate::{
    Doorward, Error, Fault, Tenant, Use,
    audit_trail::{self, TenantEvent},
    stored::access::every,
    tenant::TenantEntry,
    work::{Asked, Committed, Tries, Work},
};

/// The host process acting for itself: it creates tenants with their starter levels and profiles,
/// issues each one's first administrator's invitation, lists the tenants, and erases closed accounts
/// that no tenant manages (decision 0015); nothing else (design 6).
///
/// A host makes it once at its start, keeps it in its set-up code, and never hands it to what
/// answers requests: holding one is the permit. It cannot be cloned.
#[derive(Debug)]
pub struct Operator(());

/// A tenant to be created.
///
/// ```
/// use doorward::{FirstAdministrator, NewTenant, StarterLevels, Use};
/// use doorward::types::{DisplayName, EmailAddress, KindName, RoleName};
/// let director = FirstAdministrator {
///     email: EmailAddress::new("dana@example.org")?,
///     name: Some(DisplayName::new("Dana Reyes")?),
///     kind: KindName::new("practice_user")?,
///     role: Some(RoleName::new("director")?),
///     levels: StarterLevels::OfTheKind,
/// };
/// let practice = NewTenant::new(DisplayName::new("Harbour Practice")?, director)
///     .with_telephony(Use::NotUsed);
/// # let _ = practice;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Serialize)]
pub struct NewTenant {
    name: DisplayName,
    first_administrator: FirstAdministrator,
    levels: Vec<(DisplayName, PermissionSet)>,
    profiles: Vec<(DisplayName, PermissionSet)>,
    telephony: Use,
    default_resident_profile: Option<DisplayName>,
    #[serde(skip)]
    request: Option<RequestId>,
}

/// Who administers a new tenant first, and as what.
#[derive(Clone, Debug, Serialize)]
pub struct FirstAdministrator {
    /// Where the invitation goes.
    pub email: EmailAddress,
    /// Whom it names.
    pub name: Option<DisplayName>,
    /// The kind of user.
    pub kind: KindName,
    /// The role, where the kind has roles.
    pub role: Option<RoleName>,
    /// The levels.
    pub levels: StarterLevels,
}

/// The levels of a first administrator: those of the new tenant have no ids yet.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StarterLevels {
    /// What a new member of the kind has when none are chosen (HomeTrak: office staff "will have
    /// full access").
    #[default]
    OfTheKind,
    /// The whole ceiling of the kind.
    Unrestricted,
    /// These starter levels of the new tenant.
    Named(BTreeSet<DisplayName>),
}

impl NewTenant {
    /// Begins with what it is called and who administers it first.
    #[must_use]
    pub const fn new(name: DisplayName, first_administrator: FirstAdministrator) -> Self {
        Self {
            name,
            first_administrator,
            levels: Vec::new(),
            profiles: Vec::new(),
            telephony: Use::NotUsed,
            default_resident_profile: None,
            request: None,
        }
    }

    /// Adds a starter level (HomeTrak: "comes standard with several default security levels").
    #[must_use]
    pub fn with_level(mut self, name: DisplayName, permissions: PermissionSet) -> Self {
        self.levels.push((name, permissions));
        self
    }

    /// Adds a starter profile (ALIS: "the specific permission sets for Evaluations, Invoices,
    /// Medications, etc.").
    #[must_use]
    pub fn with_profile(mut self, name: DisplayName, permissions: PermissionSet) -> Self {
        self.profiles.push((name, permissions));
        self
    }

    /// Says whether it uses the telephone line.
    #[must_use]
    pub const fn with_telephony(mut self, telephony: Use) -> Self {
        self.telephony = telephony;
        self
    }

    /// Names the starter profile that the one-click invite of a resident offers.
    #[must_use]
    pub fn with_default_resident_profile(mut self, name: DisplayName) -> Self {
        self.default_resident_profile = Some(name);
        self
    }

    /// Names the request, so that sending it again answers the first outcome.
    #[must_use]
    pub const fn for_request(mut self, request: RequestId) -> Self {
        self.request = Some(request);
        self
    }
}

/// A tenant that was created.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TenantCreated {
    /// The tenant.
    pub tenant: TenantId,
    /// The first administrator's invitation.
    pub invitation: InvitationId,
    /// The starter levels, in the order in which they were named.
    #[serde(skip)]
    pub levels: Vec<LevelId>,
    /// The starter profiles, in the order in which they were named.
    #[serde(skip)]
    pub profiles: Vec<ProfileId>,
}

/// Why no tenant was created.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CreateTenantRejection {
    /// A starter level or profile names what the catalog does not have.
    #[error(transparent)]
    UnknownPermissions(#[from] UnknownPermissions),
    /// Two starter levels, or two starter profiles, have one name.
    #[error("two starter levels or profiles are called `{name}`: names are unique")]
    NameTwice {
        /// The name.
        name: DisplayName,
    },
    /// No starter level or profile has this name.
    #[error("no starter level or profile is called `{name}`")]
    UnknownName {
        /// The name.
        name: DisplayName,
    },
    /// What the first administrator is offered does not go together.
    #[error(transparent)]
    Unfit(#[from] FitRejection),
    /// What the first administrator is offered cannot administer a tenant.
    #[error("what is offered cannot administer a tenant: offer more")]
    NoAdministrator,
    /// The invitation cannot be issued.
    #[error(transparent)]
    Invitation(#[from] IssueRejection),
}

impl Doorward {
    /// Returns the operator's handle. Call it at the start of the process; see [`Operator`].
    #[must_use]
    pub const fn operator(&self) -> Operator {
        Operator(())
    }

    /// Creates a tenant with its starter levels and profiles, and issues its first administrator's
    /// invitation. Audited as the operator's, in the new tenant.
    ///
    /// All of it is one commit; where there are more starter sets than one commit takes, they are
    /// written first, and nobody reaches them before the tenant's own commit.
    ///
    /// # Errors
    /// [`CreateTenantRejection`] or a [`Fault`].
    pub async fn create_tenant(
        &self,
        _operator: &Operator,
        new: NewTenant,
    ) -> Result<TenantCreated, Error<CreateTenantRejection>> {
        let mut tries = Tries::default();
        loop {
            let now = self.now();
            let asked = match new.request {
                None => None,
                Some(id) => {
                    let scope = Scope::Directory;
                    let by = Principal::Operator;
                    Some(Asked::of(scope, &by, id, "create_tenant", &new)?)
                }
            };
            let tenant = TenantId::made_at(now, self.random()?);
            let scope = Scope::Tenant(tenant);
            let mut work = Work::new(scope, Principal::Operator, now).asked(asked);
            if let Some(before) = work.replay(self).await? {
                return Ok(self.recalled(before, &new).await?);
            }
            let starter = StarterSets::make(self, &new, now)?;
            let offer = self.first_offer(&new.first_administrator, &starter)?;
            let record = starter.tenant(tenant, &new, now).map_err(Error::Rejected)?;
            let name = new.name.clone();
            work.note([audit_trail::tenant(tenant, &TenantEvent::Created { name })]);
            work.create(scope, &record)?;
            work.create(TenantEntry::SCOPE, &TenantEntry { tenant })?;
            starter.write(self, &mut work).await?;
            let first = &new.first_administrator;
            let invitation = self.invite_first(&mut work, &record, first, offer)?;
            let created = TenantCreated {
                tenant,
                invitation,
                levels: starter.levels.iter().map(Level::id).collect(),
                profiles: starter.profiles.iter().map(Profile::id).collect(),
            };
            if let Committed::Done(created) = work.commit(self, &mut tries, created).await? {
                return Ok(self.recalled(created, &new).await?);
            }
        }
    }

    /// Fills in the ids that a receipt has no room for.
    async fn recalled(
        &self,
        created: TenantCreated,
        new: &NewTenant,
    ) -> Result<TenantCreated, Fault> {
        if created.levels.len() == new.levels.len() && created.profiles.len() == new.profiles.len()
        {
            return Ok(created);
        }
        let scope = Scope::Tenant(created.tenant);
        let levels: Vec<_> = self.every::<Level>(&every(scope, "level")).await?;
        let profiles: Vec<_> = self.every::<Profile>(&every(scope, "profile")).await?;
        let level = |(name, _): &(DisplayName, PermissionSet)| {
            let mut all = levels.iter().map(|read| &read.state);
            all.find(|level| level.name() == name).map(Level::id)
        };
        let profile = |(name, _): &(DisplayName, PermissionSet)| {
            let mut all = profiles.iter().map(|read| &read.state);
            all.find(|profile| profile.name() == name).map(Profile::id)
        };
        Ok(TenantCreated {
            levels: new.levels.iter().filter_map(level).collect(),
            profiles: new.profiles.iter().filter_map(profile).collect(),
            ..created
        })
    }

    /// What the first administrator is offered: it must administer the tenant.
    fn first_offer(
        &self,
        first: &FirstAdministrator,
        starter: &StarterSets,
    ) -> Result<Offer, Error<CreateTenantRejection>> {
        let rejected = |rejection: CreateTenantRejection| Error::Rejected(rejection);
        let levels = match &first.levels {
            StarterLevels::Unrestricted => Levels::Unrestricted,
            StarterLevels::Named(names) => starter.named_levels(names).map_err(rejected)?,
            StarterLevels::OfTheKind => {
                let kind = self.catalog().kind(&first.kind);
                kind.map_or_else(Levels::none, doorward_access::Kind::default_levels)
            }
        };
        let mut offer = Offer::of(first.kind.clone()).with_levels(levels);
        if let Some(role) = &first.role {
            offer = offer.with_role(role.clone());
        }
        let sets = starter.sets();
        let fitted = judge_offer(self.catalog(), &offer, &sets, &Authority::everything())
            .map_err(|unfit| rejected(unfit.into()))?;
        let OfferVerdict::Within(fitted) = fitted else {
            return Err(rejected(CreateTenantRejection::NoAdministrator));
        };
        let offer = fitted.as_offer().clone();
        let combination = Combination {
            kind: offer.kind().clone(),
            role: offer.role().cloned(),
            levels: offer.levels().clone(),
            switches: offer.switches().clone(),
            profile: None,
        };
        match self.catalog().administers(&combination, &sets) {
            Ok(true) => Ok(offer),
            Ok(false) | Err(_) => Err(rejected(CreateTenantRejection::NoAdministrator)),
        }
    }

    fn invite_first(
        &self,
        work: &mut Work,
        tenant: &Tenant,
        first: &FirstAdministrator,
        offer: Offer,
    ) -> Result<InvitationId, Error<CreateTenantRejection>> {
        let (now, scope) = (work.now, Scope::Tenant(tenant.id));
        let admission = self.admission(&first.kind)?;
        let id = InvitationId::made_at(now, self.random()?);
        let (secret, digest) = self.link(scope, id, Generation::FIRST)?;
        let issue = Issue {
            id,
            tenant: tenant.id,
            address: first.email.clone(),
            person: None,
            name: first.name.clone(),
            class: admission.class.clone(),
            offer,
            sworn: Sworn::new(),
            sponsor: Sponsor::Operator,
            verdict: SponsorVerdict::Within,
            standing: AddressStanding::default(),
            digest,
        };
        let issued = self.put_issued(work, issue, (tenant.name.clone(), secret));
        issued.map_err(|error| error.map_rejection(CreateTenantRejection::Invitation))?;
        Ok(id)
    }
}
