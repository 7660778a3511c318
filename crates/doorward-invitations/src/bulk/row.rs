//! Rows as they stand in a file, and the facts a plan is made from.

use std::{collections::BTreeMap, fmt};

use doorward_types::{
    ClassName, DisplayName, EmailAddress, KindName, LocalPart, Offer, ProfileId, Statement,
    SubjectId, Window,
};

use crate::{AddressStanding, Identity, Policy, Shortfall, SponsorVerdict};

/// One row of a file: one person, and at most one subject.
#[derive(Clone)]
pub struct Row<'a> {
    /// The row's number in the file, by which reports name it.
    pub number: u32,
    /// Who is invited.
    pub identity: Identity,
    /// Their address, as it stands in the file.
    pub address: Option<String>,
    /// Whose data they are to see; their own for a resident.
    pub subject: Option<SubjectId>,
    /// The name of the profile over that subject, as it stands in the file.
    pub profile: Option<String>,
    /// When the grant will hold; from now on without an end otherwise.
    pub window: Option<Window>,
    /// What the sponsor swore about this row.
    pub sworn: Option<Statement>,
    /// What such a row is invited as.
    pub template: &'a Template,
}

// Addresses and profile names are as they were typed: logs show who is meant (ASVS 16.2.5).
impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("number", &self.number)
            .field("identity", &self.identity)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// What a sort of rows is invited as: residents, contacts, staff.
#[derive(Clone, Debug)]
pub struct Template {
    /// The class of account.
    pub class: ClassName,
    /// The place in the tenant, without subjects: those come from the rows.
    pub place: Offer,
    /// The rules.
    pub policy: Policy,
    /// The profile of rows that name none (ALIS: a resident's one-click invite uses the tenant's
    /// default resident profile, design 9.2).
    pub default_profile: Option<DisplayName>,
    /// Whether the sponsor may give the place.
    pub verdict: SponsorVerdict,
}

/// A profile that rows can name.
#[derive(Clone, Debug)]
pub struct ProfileFacts {
    /// Which one.
    pub id: ProfileId,
    /// Whether the sponsor may give it.
    pub verdict: SponsorVerdict,
}

/// What the shell looked up for a plan.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    profiles: BTreeMap<String, ProfileFacts>,
    shortfalls: BTreeMap<(KindName, ProfileId), Shortfall>,
    addresses: BTreeMap<EmailAddress, AddressStanding>,
    local_part: LocalPart,
}

impl Facts {
    /// Returns facts about nothing: no profile, no address known, local parts in ASCII.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the facts with one more profile; letter case does not matter in a file.
    #[must_use]
    pub fn with_profile(mut self, name: &DisplayName, profile: ProfileFacts) -> Self {
        self.profiles.insert(name.folded(), profile);
        self
    }

    /// Returns the facts with what the sponsor lacks to give a profile to one kind of user; other
    /// kinds, with other ceilings, may still be given it.
    #[must_use]
    pub fn with_shortfall(mut self, kind: KindName, profile: ProfileId, lacks: Shortfall) -> Self {
        self.shortfalls.insert((kind, profile), lacks);
        self
    }

    /// Returns the facts with how one more address stands in the tenant.
    #[must_use]
    pub fn with_address(mut self, address: EmailAddress, standing: AddressStanding) -> Self {
        self.addresses.insert(address, standing);
        self
    }

    /// Returns the facts with this rule for local parts.
    #[must_use]
    pub const fn with_local_part(mut self, local_part: LocalPart) -> Self {
        self.local_part = local_part;
        self
    }

    pub(super) fn profile(&self, name: &DisplayName) -> Option<&ProfileFacts> {
        self.profiles.get(&name.folded())
    }

    pub(super) fn shortfall(&self, kind: &KindName, profile: ProfileId) -> Option<&Shortfall> {
        self.shortfalls.get(&(kind.clone(), profile))
    }

    pub(super) fn standing(&self, address: &EmailAddress) -> AddressStanding {
        self.addresses.get(address).cloned().unwrap_or_default()
    }

    pub(super) const fn local_part(&self) -> LocalPart {
        self.local_part
    }
}
