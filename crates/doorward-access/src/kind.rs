//! Kinds of user: what hangs on them, and how a catalog declares it.

use doorward_types::{KindName, Levels, RoleName};

use crate::{Gives, Permissions, Planes, Reach};

/// A kind of user: office staff, caregiver, client, contact.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Kind {
    pub(crate) name: KindName,
    pub(crate) baseline: Planes,
    pub(crate) ceiling: Planes,
    pub(crate) unrestricted: Unrestricted,
    pub(crate) roles: Vec<RoleName>,
    pub(crate) attachments: Attachments,
    pub(crate) creator: Creator,
}

impl Kind {
    /// Returns its name.
    #[must_use]
    pub const fn name(&self) -> &KindName {
        &self.name
    }

    /// Returns what everyone of the kind holds when nothing is assigned.
    #[must_use]
    pub const fn baseline(&self) -> &Planes {
        &self.baseline
    }

    /// Returns what nobody of the kind can exceed.
    #[must_use]
    pub const fn ceiling(&self) -> &Planes {
        &self.ceiling
    }

    /// Returns whether `Levels::Unrestricted` exists for the kind.
    #[must_use]
    pub const fn unrestricted(&self) -> Unrestricted {
        self.unrestricted
    }

    /// Returns the levels a member is created with when none are chosen (HomeTrak: office staff
    /// "will have full access to all available features").
    #[must_use]
    pub const fn default_levels(&self) -> Levels {
        match self.unrestricted {
            Unrestricted::Default(_) => Levels::Unrestricted,
            Unrestricted::Exists(_) | Unrestricted::None => Levels::none(),
        }
    }

    /// Returns the roles a member of the kind has one of; empty where the kind has no roles.
    #[must_use]
    pub fn roles(&self) -> &[RoleName] {
        &self.roles
    }

    /// Returns whether people can be attached to members of the kind.
    #[must_use]
    pub const fn attachments(&self) -> Attachments {
        self.attachments
    }

    /// Returns whether a subject is attached to the member who adds it.
    #[must_use]
    pub const fn creator(&self) -> Creator {
        self.creator
    }
}

/// Whether unrestricted access exists for a kind, and what its holder gives.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Unrestricted {
    /// It does not: levels are assigned, or there is the baseline alone.
    #[default]
    None,
    /// It can be given.
    Exists(Gives),
    /// It can be given and is what a new member has when no levels are chosen.
    Default(Gives),
}

/// Whether people can be attached to members of a kind.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Attachments {
    /// They cannot (HomeTrak: "a (non-office staff) portal user").
    #[default]
    Refused,
    /// They can.
    Taken,
}

/// Whether a subject is attached to the member who adds it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Creator {
    /// It is not.
    #[default]
    Stays,
    /// It is: what a member adds is among those they are assigned (design 9.4).
    IsAttached,
}

/// Declares a kind of user, inside [`CatalogBuilder::kind`](crate::CatalogBuilder::kind).
#[derive(Clone, Debug, Default)]
pub struct KindDeclaration {
    pub(crate) baseline: Planes,
    pub(crate) ceiling: Planes,
    pub(crate) everything: bool,
    pub(crate) narrowed: Vec<Planes>,
    pub(crate) unrestricted: Unrestricted,
    pub(crate) roles: Vec<String>,
    pub(crate) attachments: Attachments,
    pub(crate) creator: Creator,
}

impl KindDeclaration {
    /// Everyone of the kind holds these permissions at this reach.
    #[must_use]
    pub fn baseline<P: Permissions>(mut self, permissions: P, reach: Reach) -> Self {
        self.baseline = self.baseline.union(Planes::holding(permissions, reach));
        self
    }

    /// Nobody of the kind can hold more than such ceilings together.
    #[must_use]
    pub fn ceiling<P: Permissions>(mut self, permissions: P, reach: Reach) -> Self {
        self.ceiling = self.ceiling.union(Planes::holding(permissions, reach));
        self
    }

    /// The kind can hold every permission of the catalog at any reach.
    #[must_use]
    pub const fn ceiling_of_everything(mut self) -> Self {
        self.everything = true;
        self
    }

    /// Whoever gives them, these permissions are held at this reach at most (design 9.6: "own
    /// calendar, clock in and tasks are held at `Own` whoever gives them").
    #[must_use]
    pub fn never_beyond<P: Permissions>(mut self, permissions: P, reach: Reach) -> Self {
        let wider = Reach::ALL.into_iter().filter(|other| *other > reach);
        let cut = wider.fold(Planes::EMPTY, |cut, wider| cut.with(permissions, wider));
        self.narrowed.push(cut);
        self
    }

    /// Unrestricted access exists for the kind; its holder gives this.
    #[must_use]
    pub const fn unrestricted(mut self, gives: Gives) -> Self {
        self.unrestricted = Unrestricted::Exists(gives);
        self
    }

    /// Unrestricted access exists for the kind and is what a member without levels has.
    #[must_use]
    pub const fn unrestricted_by_default(mut self, gives: Gives) -> Self {
        self.unrestricted = Unrestricted::Default(gives);
        self
    }

    /// A member of the kind has exactly one of these roles.
    #[must_use]
    pub fn roles<const N: usize>(mut self, roles: [&str; N]) -> Self {
        self.roles.extend(roles.map(str::to_owned));
        self
    }

    /// People can be attached to members of the kind.
    #[must_use]
    pub const fn takes_attachments(mut self) -> Self {
        self.attachments = Attachments::Taken;
        self
    }

    /// A subject is attached to the member who adds it.
    #[must_use]
    pub const fn attaches_creator(mut self) -> Self {
        self.attachments = Attachments::Taken;
        self.creator = Creator::IsAttached;
        self
    }
}
