//! Status and window of a membership: disable, restore, remove.

use doorward_types::Window;
use time::OffsetDateTime;

use super::{MemberEdit, Membership, MembershipEvent, MembershipStatus};
use crate::{Gives, Missing, SelfGranted, Shortfall, composition::Power};

type Changed<E> = Result<(Membership, Vec<MembershipEvent>), E>;

impl Membership {
    /// Tells whether the membership is over.
    #[must_use]
    pub const fn is_removed(&self) -> bool {
        matches!(self.status, MembershipStatus::Removed { .. })
    }

    /// Disables the membership, with all its subjects; sessions end at once (ALIS: "Immediately revoke
    /// the user's ability to log in").
    ///
    /// # Errors
    /// [`DisableRejection`] where it is not active, or is the last administrator's.
    pub fn disable(self, edit: &MemberEdit<'_>) -> Changed<DisableRejection> {
        match &self.status {
            MembershipStatus::Active => {}
            MembershipStatus::Disabled { at, .. } => {
                return Err(DisableRejection::AlreadyDisabled { at: *at });
            }
            MembershipStatus::Removed { .. } => return Err(DisableRejection::Removed),
        }
        let after = Self {
            status: MembershipStatus::Disabled {
                at: edit.now,
                by: edit.by.clone(),
            },
            access_epoch: self.access_epoch.saturating_add(1),
            ..self.clone()
        };
        if !self.leaves_an_administrator(&after, edit) {
            return Err(DisableRejection::LastAdministrator);
        }
        let event = MembershipEvent::Disabled { id: self.id };
        Ok((after, vec![event]))
    }

    /// Restores a disabled membership. All that it holds is gained anew, so the actor must be able to
    /// give it.
    ///
    /// # Errors
    /// [`RestoreRejection`] where it is not disabled, or holds what the actor cannot give.
    pub fn restore(self, edit: &MemberEdit<'_>) -> Changed<RestoreRejection> {
        match &self.status {
            MembershipStatus::Disabled { .. } => {}
            MembershipStatus::Active => return Err(RestoreRejection::NotDisabled),
            MembershipStatus::Removed { .. } => return Err(RestoreRejection::Removed),
        }
        let above = self.beyond(edit).map_err(RestoreRejection::Undecided)?;
        if !above.is_none() {
            return Err(RestoreRejection::Above(above));
        }
        let event = MembershipEvent::Restored { id: self.id };
        Ok((
            Self {
                status: MembershipStatus::Active,
                ..self
            },
            vec![event],
        ))
    }

    /// Removes the member. One write, whatever hangs on the membership: who returns joins anew and
    /// revives nothing (Kalix: "Remove User").
    ///
    /// # Errors
    /// [`RemoveRejection`] where that has happened already, or it is the last administrator's.
    pub fn remove(self, edit: &MemberEdit<'_>) -> Changed<RemoveRejection> {
        if let MembershipStatus::Removed { at, .. } = &self.status {
            return Err(RemoveRejection::AlreadyRemoved { at: *at });
        }
        let after = Self {
            status: MembershipStatus::Removed {
                at: edit.now,
                by: edit.by.clone(),
            },
            access_epoch: self.access_epoch.saturating_add(1),
            ..self.clone()
        };
        if !self.leaves_an_administrator(&after, edit) {
            return Err(RemoveRejection::LastAdministrator);
        }
        let event = MembershipEvent::Removed { id: self.id };
        Ok((after, vec![event]))
    }

    /// Sets when the membership holds. A window that reaches outside the present one is a gain of all
    /// that the member holds; nobody gives it to themselves but who may give everything.
    ///
    /// # Errors
    /// [`WindowRejection`] where the actor could not give that, or the last administrator's would end.
    pub fn set_window(self, window: Window, edit: &MemberEdit<'_>) -> Changed<WindowRejection> {
        if self.is_removed() {
            return Err(WindowRejection::Removed);
        }
        if window == self.window {
            return Ok((self, Vec::new()));
        }
        let mut self_granted = SelfGranted::No;
        if reaches_outside(&window, &self.window) {
            let own = edit.authority.actor() == Some(self.id);
            if own && edit.authority.gives() != Gives::Everything {
                return Err(WindowRejection::OwnAct);
            }
            let above = self.beyond(edit).map_err(WindowRejection::Undecided)?;
            if !above.is_none() {
                return Err(WindowRejection::Above(above));
            }
            self_granted = self.again_granted(edit)?;
        }
        let after = Self {
            window,
            ..self.clone()
        };
        if !self.leaves_an_administrator(&after, edit) {
            return Err(WindowRejection::LastAdministrator);
        }
        let event = MembershipEvent::WindowSet {
            id: self.id,
            before: self.window,
            after: window,
            self_granted,
        };
        Ok((after, vec![event]))
    }

    /// Tells whether the actor, being the member, gains by being given all of it again.
    fn again_granted(&self, edit: &MemberEdit<'_>) -> Result<SelfGranted, WindowRejection> {
        let powers = self.powers(edit).map_err(WindowRejection::Undecided)?;
        let gained = |power| edit.authority.self_granted(self.id, &Power::NONE, power);
        let any = powers
            .iter()
            .map(gained)
            .find(|own| *own == SelfGranted::Yes);
        Ok(any.unwrap_or_default())
    }

    /// Returns what the member holds and the actor could not give, over each subject of a grant too.
    ///
    /// # Errors
    /// [`Missing`] where a level or profile was not given, or the catalog does not know it.
    pub fn beyond(&self, edit: &MemberEdit<'_>) -> Result<Shortfall, Missing> {
        let judge = |power| {
            edit.authority
                .judge(edit.catalog, &Power::NONE, &power)
                .err()
        };
        let short = self.powers(edit)?.into_iter().filter_map(judge);
        Ok(short.fold(Shortfall::default(), Shortfall::and))
    }
}

/// Tells whether some instant lies in the one window and not in the other.
fn reaches_outside(window: &Window, other: &Window) -> bool {
    let ends_later = match (window.until(), other.until()) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(until), Some(end)) => until > end,
    };
    window.from() < other.from() || ends_later
}

/// A disabling that is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DisableRejection {
    /// It is disabled already.
    #[error("access is disabled since `{at}` already")]
    AlreadyDisabled {
        /// Since when.
        at: OffsetDateTime,
    },
    /// The member was removed.
    #[error("the member was removed: there is no access to disable")]
    Removed,
    /// The tenant would lose its last administrator.
    #[error("the tenant would be left without an administrator: make another one first")]
    LastAdministrator,
}

/// A restoring that is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RestoreRejection {
    /// Access is not disabled.
    #[error("access is not disabled")]
    NotDisabled,
    /// The member was removed.
    #[error("the member was removed: whoever returns joins anew")]
    Removed,
    /// The member holds what the actor cannot give.
    #[error("restoring {0}")]
    Above(Shortfall),
    /// A fact is missing.
    #[error("what the member holds could not be told: reload levels, profiles and catalog")]
    Undecided(Missing),
}

/// A removal that is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RemoveRejection {
    /// The member was removed already.
    #[error("the member was removed at `{at}` already")]
    AlreadyRemoved {
        /// When.
        at: OffsetDateTime,
    },
    /// The tenant would lose its last administrator.
    #[error("the tenant would be left without an administrator: make another one first")]
    LastAdministrator,
}

/// A change of the window that is refused.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WindowRejection {
    /// The member was removed.
    #[error("the member was removed: whoever returns joins anew")]
    Removed,
    /// The member holds what the actor cannot give.
    #[error("the longer window {0}")]
    Above(Shortfall),
    /// The actor would gain by an own act, and may not give everything.
    #[error("members do not extend their own window: ask an administrator")]
    OwnAct,
    /// The tenant would lose its last administrator when the window ends.
    #[error("the last administrator's window has no end: make another administrator first")]
    LastAdministrator,
    /// A fact is missing.
    #[error("what the member holds could not be told: reload levels, profiles and catalog")]
    Undecided(Missing),
}
