//! Grants: a profile held by a membership over one subject, for a period.

mod event;

use doorward_types::{
    Attestation, GrantId, MembershipId, Principal, ProfileId, Statement, SubjectId, Window,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

pub use self::event::{GrantEvent, GrantRejection};
use crate::{Authority, Catalog, Membership, SelfGranted, Sets, composition::Power};

/// A profile held by a membership over one subject (ALIS: "Select what access you will grant to this
/// contact"; NIST user assignment).
///
/// ```text
///   give ──> Active ──revoke──> Revoked
///               ╰─────end─────> Ended      (the relationship is gone; both are final)
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Grant {
    id: GrantId,
    membership: MembershipId,
    subject: SubjectId,
    profile: ProfileId,
    window: Window,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attestation: Option<Attestation>,
    granted_by: Principal,
    #[serde(with = "time::serde::rfc3339")]
    granted_at: OffsetDateTime,
    status: GrantStatus,
}

/// Whether a grant gives access.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum GrantStatus {
    /// It does, inside its window.
    Active,
    /// It was taken back.
    Revoked {
        /// When.
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
        /// By whom.
        by: Principal,
    },
    /// Its reason is gone: the relationship to the subject ended (design 6).
    Ended {
        /// When.
        #[serde(with = "time::serde::rfc3339")]
        at: OffsetDateTime,
    },
}

/// What is to be granted.
#[derive(Clone, Debug)]
pub struct Granting {
    /// The id of the new grant.
    pub id: GrantId,
    /// Over whose data.
    pub subject: SubjectId,
    /// Under which profile.
    pub profile: ProfileId,
    /// When.
    pub window: Window,
    /// That the grantor swore to the statement, where one is asked for.
    pub attestation: Option<Attestation>,
}

/// The circumstances of a command on a grant.
#[derive(Clone, Copy, Debug)]
pub struct GrantEdit<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// The member's levels, and the profiles before and after.
    pub sets: Sets<'a>,
    /// The member.
    pub membership: &'a Membership,
    /// The statement that the grantor must swear to for somebody else's data, if the host asks for
    /// one (ALIS: "Select the checkbox to confirm").
    pub statement: Option<&'a Statement>,
    /// What the actor may give, taken before the change.
    pub authority: &'a Authority,
    /// Who acts.
    pub by: &'a Principal,
    /// The instant of the command.
    pub now: OffsetDateTime,
}

impl Grant {
    /// Grants a profile over a subject to a member. Whose subject is the member's own person needs no
    /// attestation: they see their own record (design 9.2).
    ///
    /// # Errors
    /// [`GrantRejection`] where the member would gain what the actor cannot give, the attestation is
    /// missing, or the profile cannot be given.
    pub fn give(
        granting: Granting,
        edit: &GrantEdit<'_>,
    ) -> Result<(Self, Vec<GrantEvent>), GrantRejection> {
        let Granting {
            id,
            subject,
            profile,
            window,
            attestation,
        } = granting;
        usable(profile, window, edit)?;
        let own = edit
            .membership
            .person()
            .is_some_and(|person| SubjectId::from(person) == subject);
        match (edit.statement, &attestation) {
            (Some(asked), Some(sworn)) if sworn.statement != *asked => {
                return Err(GrantRejection::OtherStatement);
            }
            (Some(_), None) if !own => return Err(GrantRejection::AttestationMissing),
            _ => {}
        }
        let before = Power::of(edit.catalog, &edit.membership.combination(), &edit.sets)?;
        let self_granted = judged(&before, profile, edit)?;
        let grant = Self {
            id,
            membership: edit.membership.id(),
            subject,
            profile,
            window,
            attestation,
            granted_by: edit.by.clone(),
            granted_at: edit.now,
            status: GrantStatus::Active,
        };
        let membership = grant.membership;
        let event = GrantEvent::Given {
            id,
            membership,
            subject,
            profile,
            window,
            self_granted,
        };
        Ok((grant, vec![event]))
    }

    /// Gives another profile over the same subject (ALIS: "change their assigned User Profile to
    /// adjust their permission levels").
    ///
    /// # Errors
    /// [`GrantRejection`] where the grant is over, or the member would gain what the actor cannot give.
    pub fn change_profile(
        self,
        profile: ProfileId,
        edit: &GrantEdit<'_>,
    ) -> Result<(Self, Vec<GrantEvent>), GrantRejection> {
        self.active()?;
        usable(profile, self.window, edit)?;
        if profile == self.profile {
            return Ok((self, Vec::new()));
        }
        let held = edit.membership.combination_over(self.profile);
        let before = Power::of(edit.catalog, &held, &edit.sets)?;
        let self_granted = judged(&before, profile, edit)?;
        let event = GrantEvent::ProfileChanged {
            id: self.id,
            before: self.profile,
            after: profile,
            self_granted,
        };
        Ok((Self { profile, ..self }, vec![event]))
    }

    /// Sets when the grant holds; judged as if it were given anew.
    ///
    /// # Errors
    /// [`GrantRejection`] where the grant is over, or the actor cannot give it.
    pub fn set_window(
        self,
        window: Window,
        edit: &GrantEdit<'_>,
    ) -> Result<(Self, Vec<GrantEvent>), GrantRejection> {
        self.active()?;
        usable(self.profile, window, edit)?;
        if window == self.window {
            return Ok((self, Vec::new()));
        }
        let before = Power::of(edit.catalog, &edit.membership.combination(), &edit.sets)?;
        judged(&before, self.profile, edit)?;
        let event = GrantEvent::WindowSet {
            id: self.id,
            before: self.window,
            after: window,
        };
        Ok((Self { window, ..self }, vec![event]))
    }

    /// Takes the grant back, at once and for good.
    ///
    /// # Errors
    /// [`GrantRejection::Over`] where it is over already.
    pub fn revoke(
        self,
        by: &Principal,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<GrantEvent>), GrantRejection> {
        self.active()?;
        let event = GrantEvent::Revoked {
            id: self.id,
            membership: self.membership,
        };
        Ok((
            Self {
                status: GrantStatus::Revoked {
                    at: now,
                    by: by.clone(),
                },
                ..self
            },
            vec![event],
        ))
    }

    /// Ends the grant, because the relationship to the subject was removed (design 6).
    ///
    /// # Errors
    /// [`GrantRejection::Over`] where it is over already.
    pub fn end(self, now: OffsetDateTime) -> Result<(Self, Vec<GrantEvent>), GrantRejection> {
        self.active()?;
        let event = GrantEvent::Ended {
            id: self.id,
            membership: self.membership,
        };
        Ok((
            Self {
                status: GrantStatus::Ended { at: now },
                ..self
            },
            vec![event],
        ))
    }

    /// Returns its id.
    #[must_use]
    pub const fn id(&self) -> GrantId {
        self.id
    }

    /// Returns who holds it.
    #[must_use]
    pub const fn membership(&self) -> MembershipId {
        self.membership
    }

    /// Returns over whose data.
    #[must_use]
    pub const fn subject(&self) -> SubjectId {
        self.subject
    }

    /// Returns the profile.
    #[must_use]
    pub const fn profile(&self) -> ProfileId {
        self.profile
    }

    /// Returns when it holds.
    #[must_use]
    pub const fn window(&self) -> &Window {
        &self.window
    }

    /// Returns what was sworn to, if anything was.
    #[must_use]
    pub const fn attestation(&self) -> Option<&Attestation> {
        self.attestation.as_ref()
    }

    /// Returns who granted it.
    #[must_use]
    pub const fn granted_by(&self) -> &Principal {
        &self.granted_by
    }

    /// Returns when it was granted.
    #[must_use]
    pub const fn granted_at(&self) -> OffsetDateTime {
        self.granted_at
    }

    /// Returns its status.
    #[must_use]
    pub const fn status(&self) -> &GrantStatus {
        &self.status
    }

    /// Tells whether it was neither revoked nor ended; the window is another matter.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.status, GrantStatus::Active)
    }

    fn active(&self) -> Result<(), GrantRejection> {
        if self.is_active() {
            Ok(())
        } else {
            Err(GrantRejection::Over)
        }
    }
}

fn usable(profile: ProfileId, window: Window, edit: &GrantEdit<'_>) -> Result<(), GrantRejection> {
    if edit.membership.is_removed() {
        return Err(GrantRejection::MemberRemoved);
    }
    match edit.sets.profile(profile) {
        None => return Err(GrantRejection::UnknownProfile { profile }),
        Some(profile) if !profile.is_active() => {
            return Err(GrantRejection::RetiredProfile {
                profile: profile.id(),
            });
        }
        Some(_) => {}
    }
    if window.has_ended(edit.now) {
        Err(GrantRejection::WindowOver)
    } else {
        Ok(())
    }
}

fn judged(
    before: &Power,
    profile: ProfileId,
    edit: &GrantEdit<'_>,
) -> Result<SelfGranted, GrantRejection> {
    let combination = edit.membership.combination_over(profile);
    let after = Power::of(edit.catalog, &combination, &edit.sets)?;
    edit.authority
        .judge(edit.catalog, before, &after)
        .map_err(GrantRejection::Above)?;
    Ok(edit
        .authority
        .self_granted(edit.membership.id(), before, &after))
}
