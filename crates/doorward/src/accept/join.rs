//! Joining: the membership, its seat and its grants, in the commit of the accept.

use doorward_access::{Details, Grant, GrantEdit, Granting, Joining, Membership, Sets};
use doorward_invitations::{AttestationRule, Invitation};
use doorward_types::{AccountId, DisplayName, GrantId, MembershipId, Scope, Window};

use super::{AcceptInvitationRejection, Refused, sponsor::Sponsored};
use crate::{Doorward, Error, audit_trail, stored::access::Seat, work::Work};

/// Who joins by which invitation.
#[derive(Debug)]
pub(crate) struct Join<'a> {
    pub(crate) invitation: &'a Invitation,
    pub(crate) account: AccountId,
    pub(crate) membership: MembershipId,
    pub(crate) name: Option<DisplayName>,
}

impl Doorward {
    /// Adds membership, seat and grants to the work of an accept.
    pub(crate) fn join_into(
        &self,
        work: &mut Work,
        join: Join<'_>,
        sponsored: &Sponsored,
    ) -> Result<(), Refused> {
        let Join {
            invitation,
            account,
            membership,
            name,
        } = join;
        let (now, tenant) = (work.now, invitation.tenant());
        let scope = Scope::Tenant(tenant);
        let gone = || Error::Rejected(AcceptInvitationRejection::OfferGone);
        let fitted = sponsored.judged.fitted().ok_or_else(gone)?;
        let joining = Joining {
            id: membership,
            tenant,
            account,
            person: invitation.person(),
            invitation: Some(invitation.id()),
            window: Window::since(now),
            details: Details {
                name,
                ..Details::default()
            },
        };
        let (member, events) = Membership::join(joining, fitted, now);
        work.create(scope, &member)?;
        work.note(events.iter().map(audit_trail::membership));
        work.create(
            Scope::Directory,
            &Seat {
                account,
                tenant,
                membership,
            },
        )?;

        let levels: Vec<_> = sponsored
            .judged
            .levels
            .iter()
            .map(|l| l.state.clone())
            .collect();
        let profiles: Vec<_> = sponsored
            .judged
            .profiles
            .iter()
            .map(|p| p.state.clone())
            .collect();
        let statement = match self.policy_of(invitation)?.attestation() {
            AttestationRule::Required(statement) => Some(statement),
            AttestationRule::NotNeeded => None,
        };
        let edit = GrantEdit {
            catalog: self.catalog(),
            sets: Sets {
                levels: &levels,
                profiles: &profiles,
            },
            membership: &member,
            statement,
            authority: &sponsored.authority,
            by: &sponsored.principal,
            now,
        };
        for offered in invitation.offer().subjects() {
            // Sworn anew for another profile: the last counts.
            let sworn = invitation
                .attested()
                .iter()
                .rfind(|sworn| sworn.subject == offered.subject);
            let granting = Granting {
                id: GrantId::made_at(now, self.random()?),
                subject: offered.subject,
                profile: offered.profile,
                window: offered.window,
                attestation: sworn.map(|sworn| sworn.attestation.clone()),
            };
            let (grant, events) = Grant::give(granting, &edit).map_err(|_| gone())?;
            work.create(scope, &grant)?;
            let subject = offered.subject;
            work.note(
                events
                    .iter()
                    .map(|event| audit_trail::grant(subject, event)),
            );
        }
        Ok(())
    }
}
