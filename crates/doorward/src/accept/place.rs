//! Taking a place with an account that is there already.

use doorward_access::Membership;
use doorward_identity::Account;
use doorward_invitations::{Acceptance, Acceptor, Confirmed, RequestDigest};
use doorward_types::{AccountId, MembershipId, Principal};

use super::{
    Joined, Refused, has_no_access, join::Join, joined_before, sponsor::Sponsored, wrong_recipient,
};
use crate::{
    Doorward, audit_trail,
    inviting::Pointed,
    record::Loaded,
    stored::access::account_member,
    together::both,
    work::{Tries, Work},
};

/// An accept that is ready to be committed, or was before.
pub(super) enum Accepting {
    Now(Box<Work>, Joined),
    Before(Joined),
}

/// What is looked at before a place is taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Look {
    /// The invitation alone: that the place is taken shows by the claims of the new membership.
    AtInvitation,
    /// Who has the place as well.
    AtPlace,
}

impl Look {
    /// What a try on a kept permit refuses is decided again, so it leaves the place to its commit.
    pub(super) const fn of(tries: &Tries) -> Self {
        if tries.is_on_kept() {
            Self::AtInvitation
        } else {
            Self::AtPlace
        }
    }
}

/// Who takes the place of an invitation, and what is known of it.
struct Taking<'a> {
    account: &'a Loaded<Account>,
    id: AccountId,
    membership: MembershipId,
    pointed: &'a Pointed,
    request: Option<RequestDigest>,
    /// The membership that the account has in the tenant.
    member: Option<MembershipId>,
    /// The membership of the person whom the invitation is for.
    holder: Option<MembershipId>,
}

/// How it ended: added to the work, or done before.
enum Taken {
    Now(Joined),
    Before(Joined),
}

impl Doorward {
    /// Adds everything an accept by an account's own verified address commits to this work, whose
    /// principal is the account in its new membership. A rejection holds while the invitation is
    /// still as it was read, if everything was looked at.
    pub(super) async fn accept_as(
        &self,
        mut work: Work,
        account: &Loaded<Account>,
        pointed: &Pointed,
        request: Option<RequestDigest>,
        look: Look,
    ) -> Result<Accepting, Refused> {
        let read = &pointed.invitation;
        let Principal::Account {
            account: id,
            membership,
        } = work.principal
        else {
            return Err(wrong_recipient());
        };
        let (sponsored, (member, holder)) = both(self.presumed(&mut work, &read.state), async {
            if look == Look::AtInvitation {
                return (Ok(None), Ok(None));
            }
            let place = account_member(read.scope, id);
            both(
                self.claimed::<Membership>(&place),
                self.held_by(&read.state),
            )
            .await
        })
        .await;
        let (mut sponsored, member) = (sponsored?, member?);
        let taking = Taking {
            account,
            id,
            membership,
            pointed,
            request,
            member: member.map(|read| read.state.id()),
            holder: holder?,
        };
        // Hardly any sponsor's account is gone: what is to be written is made while it is read.
        let (read, taken) = both(self.sponsor_account(&sponsored), async {
            self.take_place(&mut work, &taking, &sponsored)
        })
        .await;
        let taken = if sponsored.confirm(&mut work, read?) {
            taken?
        } else {
            // The verdict is the last rule of an accept, so this refuses.
            self.take_place(&mut work, &taking, &sponsored)?
        };
        Ok(match taken {
            Taken::Now(joined) => Accepting::Now(Box::new(work), joined),
            Taken::Before(joined) => Accepting::Before(joined),
        })
    }

    fn take_place(
        &self,
        work: &mut Work,
        taking: &Taking<'_>,
        sponsored: &Sponsored,
    ) -> Result<Taken, Refused> {
        let read = &taking.pointed.invitation;
        let (account, tenant) = (&taking.account.state, read.state.tenant());
        let verified = account.verified_email().ok_or_else(wrong_recipient)?;
        let acceptance = Acceptance {
            acceptor: Acceptor::Account {
                account: taking.id,
                verified: verified.address().clone(),
                member: taking.member,
            },
            membership: taking.membership,
            verdict: sponsored.verdict.clone(),
            request: taking.request,
        };
        let policy = self.policy_of(&read.state)?;
        let accepted = read.state.clone();
        let accepted = accepted.accept(acceptance, Confirmed::by_post(), policy, work.now);
        let free = has_no_access(taking.holder);
        let (accepted, events) = match accepted.and_then(|accepted| free.map(|()| accepted)) {
            Ok(accepted) => accepted,
            Err(rejection) => return joined_before(tenant, rejection).map(Taken::Before),
        };
        work.replace(read, &accepted)?;
        taking.pointed.withdraw(work);
        work.note(events.iter().map(audit_trail::invitation));
        // Written where nothing changes too: closing an account, and yielding its last membership,
        // count its memberships, so one that is decided at the same time is decided again.
        let (moved, events) = account.clone().join_tenant(tenant);
        work.replace(taking.account, &moved)?;
        let drafts = events.iter();
        work.note(drafts.map(|event| audit_trail::account(&moved, event)));
        let join = Join {
            invitation: &accepted,
            account: taking.id,
            membership: taking.membership,
            name: account.name().cloned(),
        };
        self.join_into(work, join, sponsored)?;
        Ok(Taken::Now(Joined {
            tenant,
            account: taking.id,
            membership: taking.membership,
        }))
    }
}
