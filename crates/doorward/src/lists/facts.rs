//! What is known of somebody's access, and the one word for it that every list and report uses.

use std::collections::HashMap;

use doorward_access::{Grant, Membership, MembershipStatus, Profile, Record, Standing};
use doorward_audit::report::AccessStatus;
use doorward_identity::{Account, Status};
use doorward_invitations::{Invitation, Status as InvitationStatus};
use doorward_types::{DisplayName, ProfileId, SubjectId, Window};
use time::OffsetDateTime;

/// What is known of one person, or of one member without a person's record.
#[derive(Clone, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) member: Option<&'a Membership>,
    pub(crate) account: Option<&'a Account>,
    /// In the order in which they were issued.
    pub(crate) invitations: Vec<&'a Invitation>,
    pub(crate) grants: &'a [Grant],
    pub(crate) standing: Option<&'a Standing>,
    pub(crate) now: OffsetDateTime,
}

impl<'a> Facts<'a> {
    /// How the person stands to the tenant as a whole.
    pub(crate) fn status(&self) -> AccessStatus {
        match self.member {
            Some(member) if !member.is_removed() => member_status(member, self.account, self.now),
            removed => self.invited_status(self.invitation(), removed),
        }
    }

    /// How the person stands to this subject's data.
    pub(crate) fn status_over(&self, subject: SubjectId) -> AccessStatus {
        let Some(member) = self.member.filter(|member| !member.is_removed()) else {
            return self.invited_status(self.invitation_over(subject), self.member);
        };
        let status = member_status(member, self.account, self.now);
        match self.grant_over(subject) {
            Some(grant) if !grant.is_active() => self.reached(member, subject, status),
            Some(grant) if status == AccessStatus::Connected => within(grant.window(), self.now),
            Some(_) => status,
            None => self.reached(member, subject, status),
        }
    }

    /// Without a grant, who reaches the subject all the same has access: it is their own record, or
    /// they are attached, or they see everybody's.
    fn reached(
        &self,
        member: &Membership,
        subject: SubjectId,
        status: AccessStatus,
    ) -> AccessStatus {
        let own = member.person() == Some(subject.person());
        let reaches = self.standing.is_some_and(|standing| {
            let relation = standing.relation(&Record::of(subject), self.now);
            !standing
                .permissions_over(relation, Some(subject), self.now)
                .is_empty()
        });
        if own || reaches {
            status
        } else if self.grant_over(subject).is_some() {
            AccessStatus::Ended
        } else {
            AccessStatus::NeverInvited
        }
    }

    fn invited_status(
        &self,
        invitation: Option<&Invitation>,
        removed: Option<&Membership>,
    ) -> AccessStatus {
        match invitation.map(|invitation| invitation.status(self.now)) {
            Some(InvitationStatus::Invited) => AccessStatus::Invited,
            Some(InvitationStatus::Expired | InvitationStatus::Replaced) => {
                AccessStatus::InvitationExpired
            }
            Some(InvitationStatus::Declined) => AccessStatus::Declined,
            Some(InvitationStatus::Revoked) => AccessStatus::Revoked,
            // Whoever joined and is no member any more was removed.
            Some(InvitationStatus::Accepted) => AccessStatus::Ended,
            None if removed.is_some() => AccessStatus::Ended,
            None => AccessStatus::NeverInvited,
        }
    }

    /// The last invitation.
    pub(crate) fn invitation(&self) -> Option<&'a Invitation> {
        self.invitations.last().copied()
    }

    /// The last invitation to this subject's data; any of the person's own names their record.
    pub(crate) fn invitation_over(&self, subject: SubjectId) -> Option<&'a Invitation> {
        let offers = |invitation: &&Invitation| {
            invitation.person() == Some(subject.person())
                || invitation
                    .offer()
                    .subjects()
                    .iter()
                    .any(|offer| offer.subject == subject)
        };
        self.invitations.iter().rev().copied().find(offers)
    }

    /// The grant over the subject: the one that was not taken back, else the last.
    pub(crate) fn grant_over(&self, subject: SubjectId) -> Option<&'a Grant> {
        let mut over: Vec<&Grant> = self
            .grants
            .iter()
            .filter(|grant| grant.subject() == subject)
            .collect();
        over.sort_by_key(|grant| (grant.is_active(), grant.id()));
        over.pop()
    }
}

/// How a member who was not removed stands to the tenant.
pub(crate) fn member_status(
    member: &Membership,
    account: Option<&Account>,
    now: OffsetDateTime,
) -> AccessStatus {
    match member.status() {
        MembershipStatus::Removed { .. } => return AccessStatus::Ended,
        MembershipStatus::Disabled { .. } => return AccessStatus::Disabled,
        MembershipStatus::Active => {}
    }
    match account.map(Account::status) {
        Some(Status::Active) => within(member.window(), now),
        Some(Status::Pending) => AccessStatus::AwaitingActivation,
        Some(Status::Disabled) => AccessStatus::Disabled,
        Some(Status::Closed | Status::Erased) | None => AccessStatus::Ended,
    }
}

fn within(window: &Window, now: OffsetDateTime) -> AccessStatus {
    if window.contains(now) {
        AccessStatus::Connected
    } else if window.has_ended(now) {
        AccessStatus::Ended
    } else {
        AccessStatus::NotYetBegun
    }
}

/// The profiles of a tenant by the names they have today.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProfileNames(HashMap<ProfileId, DisplayName>);

impl ProfileNames {
    pub(crate) fn of(profiles: &[Profile]) -> Self {
        let named = profiles
            .iter()
            .map(|profile| (profile.id(), profile.name().clone()));
        Self(named.collect())
    }

    pub(crate) fn name(&self, profile: ProfileId) -> Option<DisplayName> {
        self.0.get(&profile).cloned()
    }
}
