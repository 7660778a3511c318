//! Levels and profiles: named sets of permissions that the tenant edits.

mod event;

use doorward_types::{DisplayName, LevelId, ProfileId};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use self::event::{DeleteRejection, EditRejection, NamedSetEvent, RetireRejection};
use crate::{
    Authority, Catalog, Combination, PermissionSet, Preview, Sets, Survivor, UnknownPermissions,
    preview::{Edit, Judged, judge},
};

/// A tenant's security level, held by members (HomeTrak: "Users may have multiple Security Levels
/// applied to their account").
pub type Level = NamedSet<LevelId>;

/// A tenant's user profile, granted over one subject (ALIS: "the specific permission sets for
/// Evaluations, Invoices, Medications").
pub type Profile = NamedSet<ProfileId>;

/// What happened to a level.
pub type LevelEvent = NamedSetEvent<LevelId>;

/// What happened to a profile.
pub type ProfileEvent = NamedSetEvent<ProfileId>;

/// A named set of permissions that the tenant edits: a [`Level`] or a [`Profile`].
///
/// Its holders hold what it says at the next check. Deleting is *retire, then look for holders*: a
/// retired set takes nothing from those who have it, but nobody can be given it any more
/// (design 3).
///
/// ```
/// use doorward_access::{Catalog, DeleteRejection, Level, PermissionSet, Reach};
/// use doorward_types::{DisplayName, LevelId};
/// use time::OffsetDateTime;
///
/// bitflags::bitflags! {
///     #[derive(Clone, Copy)]
///     struct Office: u8 { const VIEW_SCHEDULES = 1; }
/// }
/// let catalog = Catalog::builder::<Office>()
///     .kind("staff", |kind| kind.ceiling_of_everything())
///     .build()?;
/// let (now, name) = (OffsetDateTime::UNIX_EPOCH, DisplayName::new("Read-only scheduling")?);
/// let holds = PermissionSet::new().with("view_schedules".parse()?, Reach::Any);
/// let (level, _) = Level::create(LevelId::made_at(now, [1; 10]), name, holds, &catalog)?;
/// let (retired, _) = level.retire(now)?;
/// assert_eq!(retired.delete(3), Err(DeleteRejection::InUse { count: 3 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct NamedSet<Id> {
    id: Id,
    name: DisplayName,
    #[serde(default)]
    permissions: PermissionSet,
    #[serde(default)]
    status: SetStatus,
}

/// Whether a level or profile can be given.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum SetStatus {
    /// It can be given.
    #[default]
    Active,
    /// It is about to be deleted: nobody is given it, holders keep it.
    Retired {
        /// Since when.
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
    },
}

impl<Id: Copy + Eq> NamedSet<Id> {
    /// Creates a set. Nobody holds it yet, so nobody gains: giving it is what is judged.
    ///
    /// # Errors
    /// [`UnknownPermissions`] where the set names what the catalog does not have.
    pub fn create(
        id: Id,
        name: DisplayName,
        permissions: PermissionSet,
        catalog: &Catalog,
    ) -> Result<(Self, Vec<NamedSetEvent<Id>>), UnknownPermissions> {
        catalog.known(&permissions)?;
        let event = NamedSetEvent::Created {
            id,
            name: name.clone(),
            permissions: permissions.clone(),
        };
        Ok((
            Self {
                id,
                name,
                permissions,
                status: SetStatus::Active,
            },
            vec![event],
        ))
    }

    /// Returns its id.
    #[must_use]
    pub const fn id(&self) -> Id {
        self.id
    }

    /// Returns what the tenant calls it.
    #[must_use]
    pub const fn name(&self) -> &DisplayName {
        &self.name
    }

    /// Returns the permissions as stored, with names that the catalog may not know any more.
    #[must_use]
    pub const fn permissions(&self) -> &PermissionSet {
        &self.permissions
    }

    /// Returns whether it can be given.
    #[must_use]
    pub const fn status(&self) -> SetStatus {
        self.status
    }

    /// Tells whether it can be given.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.status, SetStatus::Active)
    }

    /// Renames it.
    #[must_use]
    pub fn rename(self, name: DisplayName) -> (Self, Vec<NamedSetEvent<Id>>) {
        if self.name == name {
            return (self, Vec::new());
        }
        let event = NamedSetEvent::Renamed {
            id: self.id,
            before: self.name,
            after: name.clone(),
        };
        (Self { name, ..self }, vec![event])
    }

    /// Begins its deletion: nobody can be given it from now on. The caller then looks for holders and
    /// open offers, and deletes the record or calls [`restore`](Self::restore) with
    /// `InUse` as its answer.
    ///
    /// # Errors
    /// [`RetireRejection`] where that has begun already.
    pub fn retire(
        self,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<NamedSetEvent<Id>>), RetireRejection> {
        match self.status {
            SetStatus::Retired { at } => Err(RetireRejection::AlreadyRetired { at }),
            SetStatus::Active => {
                let event = NamedSetEvent::Retired { id: self.id };
                Ok((
                    Self {
                        status: SetStatus::Retired { at: now },
                        ..self
                    },
                    vec![event],
                ))
            }
        }
    }

    /// Undoes a retirement, because the set is in use.
    #[must_use]
    pub fn restore(self) -> (Self, Vec<NamedSetEvent<Id>>) {
        match self.status {
            SetStatus::Active => (self, Vec::new()),
            SetStatus::Retired { .. } => {
                let event = NamedSetEvent::Restored { id: self.id };
                (
                    Self {
                        status: SetStatus::Active,
                        ..self
                    },
                    vec![event],
                )
            }
        }
    }

    /// Ends its deletion, where nobody holds it and no open offer names it.
    ///
    /// # Errors
    /// [`DeleteRejection`] where it is in use, or was never retired.
    pub fn delete(self, in_use: u64) -> Result<Vec<NamedSetEvent<Id>>, DeleteRejection> {
        match (self.status, in_use) {
            (SetStatus::Active, _) => Err(DeleteRejection::NotRetired),
            (SetStatus::Retired { .. }, 0) => Ok(vec![NamedSetEvent::Deleted {
                id: self.id,
                name: self.name,
            }]),
            (SetStatus::Retired { .. }, count) => Err(DeleteRejection::InUse { count }),
        }
    }

    /// The set with these permissions, and those stored ones that the catalog does not know: they are
    /// kept on rewrite and grant nothing (design 4).
    fn rewritten(&self, input: PermissionSet, catalog: &Catalog) -> Self {
        let kept = catalog.unknown(&self.permissions);
        let permissions = kept
            .iter()
            .fold(input, |set, (name, reach)| set.with(name.clone(), reach));
        Self {
            permissions,
            ..self.clone()
        }
    }
}

/// The circumstances of an edit of a level or profile.
#[derive(Clone, Copy, Debug)]
pub struct SetEdit<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// Every level and profile that a holder holds.
    pub sets: Sets<'a>,
    /// The distinct combinations of those who hold the set, with their numbers. For a profile, one
    /// for each combination that has a grant of it.
    pub holders: &'a [(Combination, u64)],
    /// What the actor may give, taken before the change.
    pub authority: &'a Authority,
    /// The actor's own combination, where the actor holds the set.
    pub own: Option<&'a Combination>,
    /// Proof that another administrator stays, where the edit takes administration from a holder.
    pub survivor: Option<&'a Survivor>,
}

impl Level {
    /// Shows what an edit would give and take, for each distinct combination of holders.
    ///
    /// # Errors
    /// [`EditRejection`] where the edit names unknown permissions or a fact is missing; the actor's
    /// authority is not asked.
    pub fn preview(
        &self,
        permissions: PermissionSet,
        edit: &SetEdit<'_>,
    ) -> Result<Preview, EditRejection> {
        let after = self.next(permissions, edit)?;
        let levels = replaced(edit.sets.levels, &after);
        Ok(judge(
            edit,
            Edit {
                before: edit.sets,
                after: Sets {
                    levels: &levels,
                    ..edit.sets
                },
            },
        )?
        .0)
    }

    /// Edits what the level holds. All its holders hold the new set at the next check.
    ///
    /// # Errors
    /// [`EditRejection`] where a holder would gain what the actor cannot give.
    pub fn edit(
        self,
        permissions: PermissionSet,
        edit: &SetEdit<'_>,
    ) -> Result<(Self, Vec<LevelEvent>), EditRejection> {
        let after = self.next(permissions, edit)?;
        let levels = replaced(edit.sets.levels, &after);
        let sets = Sets {
            levels: &levels,
            ..edit.sets
        };
        let judged = judge(
            edit,
            Edit {
                before: edit.sets,
                after: sets,
            },
        )?;
        committed(self, after, judged)
    }

    fn next(&self, set: PermissionSet, edit: &SetEdit<'_>) -> Result<Self, EditRejection> {
        edit.catalog.known(&set)?;
        Ok(self.rewritten(set, edit.catalog))
    }
}

impl Profile {
    /// Shows what an edit would give and take, for each distinct combination of holders.
    ///
    /// # Errors
    /// [`EditRejection`] where the edit names unknown permissions or a fact is missing; the actor's
    /// authority is not asked.
    pub fn preview(
        &self,
        permissions: PermissionSet,
        edit: &SetEdit<'_>,
    ) -> Result<Preview, EditRejection> {
        let after = self.next(permissions, edit)?;
        let profiles = replaced(edit.sets.profiles, &after);
        let sets = Sets {
            profiles: &profiles,
            ..edit.sets
        };
        Ok(judge(
            edit,
            Edit {
                before: edit.sets,
                after: sets,
            },
        )?
        .0)
    }

    /// Edits what the profile holds. All its holders hold the new set at the next check.
    ///
    /// # Errors
    /// [`EditRejection`] where a holder would gain what the actor cannot give.
    pub fn edit(
        self,
        permissions: PermissionSet,
        edit: &SetEdit<'_>,
    ) -> Result<(Self, Vec<ProfileEvent>), EditRejection> {
        let after = self.next(permissions, edit)?;
        let profiles = replaced(edit.sets.profiles, &after);
        let sets = Sets {
            profiles: &profiles,
            ..edit.sets
        };
        let judged = judge(
            edit,
            Edit {
                before: edit.sets,
                after: sets,
            },
        )?;
        committed(self, after, judged)
    }

    fn next(&self, set: PermissionSet, edit: &SetEdit<'_>) -> Result<Self, EditRejection> {
        edit.catalog.known(&set)?;
        Ok(self.rewritten(set, edit.catalog))
    }
}

fn replaced<Id: Copy + Eq>(sets: &[NamedSet<Id>], after: &NamedSet<Id>) -> Vec<NamedSet<Id>> {
    let others = sets.iter().filter(|set| set.id != after.id).cloned();
    others.chain([after.clone()]).collect()
}

fn committed<Id: Copy + Eq>(
    before: NamedSet<Id>,
    after: NamedSet<Id>,
    (preview, verdict): Judged,
) -> Result<(NamedSet<Id>, Vec<NamedSetEvent<Id>>), EditRejection> {
    let self_granted = verdict?;
    if before.permissions == after.permissions {
        return Ok((after, Vec::new()));
    }
    let event = NamedSetEvent::Edited {
        id: after.id,
        before: before.permissions,
        after: after.permissions.clone(),
        holders: preview.holders(),
        self_granted,
    };
    Ok((after, vec![event]))
}

/// Whether the actor gained by an own act: only who may give everything can, and it is flagged.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfGranted {
    /// The actor gained nothing.
    #[default]
    No,
    /// The actor gained by this act.
    Yes,
}
