//! Yielding: a membership goes to the account that had proved the address.
//!
//! The person came by a link mailed to an address that their other account has proved. They sign in
//! there and bring the link along; the membership moves as it is, with its grants, attachments and
//! groups, and keeps its id. What hangs on the yielding account goes no further: its user name is
//! given free, its password opens nothing, and it closes if that was its last membership.

use doorward_access::{Membership, MoveRejection};
use doorward_identity::{
    Account, OtherMemberships, TicketRefusal, account::YieldMembershipRejection,
};
use doorward_invitations::Confirmed;
use doorward_types::{AccountId, Principal, Purpose, Scope};

use crate::{
    Doorward, Error, Fault, Joined, LinkRefusal, OwnAccount, Permit, audit_trail,
    record::Loaded,
    stored::access::{Seat, account_member},
    work::{Asked, Committed, Tries, Work},
};

/// Why no membership was moved.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum YieldRejection {
    /// The account that signed in is a member there already.
    #[error("you are a member there already: ask an administrator to remove the other account")]
    AlreadyMember,
    /// The link opens nothing.
    #[error(transparent)]
    Link(#[from] LinkRefusal),
    /// The account of the link has several memberships, and none of them is the one that it was
    /// made for.
    #[error("the other account is a member of several organisations: change its address there")]
    Several,
    /// Whoever signed in has not proved the address that the link went to.
    #[error("sign in with the account that has the address this link was mailed to")]
    OtherAddress,
}

impl From<YieldMembershipRejection> for YieldRejection {
    fn from(rule: YieldMembershipRejection) -> Self {
        match rule {
            YieldMembershipRejection::OtherAddress => Self::OtherAddress,
            YieldMembershipRejection::Ticket(refusal) => Self::Link(refusal.into()),
        }
    }
}

impl Doorward {
    /// Moves the membership of the account that a link is of to whoever is signed in and has proved
    /// the address it was mailed to, in one commit (design 6). A host calls it from a POST, after
    /// [`activate`](Self::activate) or [`prove_address`](Self::prove_address) answered "sign in to
    /// continue".
    ///
    /// # Errors
    /// [`YieldRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn yield_membership(
        &self,
        permit: Permit<OwnAccount>,
        link: &str,
        _confirmed: Confirmed,
    ) -> Result<Joined, Error<YieldRejection>> {
        let outcome = self.yield_once(&permit, link).await;
        self.settled(&permit, outcome).await
    }

    async fn yield_once(
        &self,
        permit: &Permit<OwnAccount>,
        link: &str,
    ) -> Result<Joined, Error<YieldRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let now = permit.now();
            let to = Self::own(&permit).map_err(Error::widen)?;
            let asked = Asked::by_link(link, permit.request(), "yield_membership", &to.state.id())?;
            permit.keep_asked(asked.as_ref());
            let first = Work::new(Scope::Directory, permit.principal().clone(), now);
            if let Some(before) = first.asked(asked.clone()).replay(self).await? {
                return Ok(before);
            }
            let proved = to.state.verified_email();
            let proved = proved.ok_or(Error::Rejected(YieldRejection::OtherAddress))?;
            let purpose = purpose_of(link)?;
            let (token, from) = self
                .account_by_link::<YieldRejection>(purpose, link)
                .await?;
            let (member, others) = self.yielded(&from.state).await?;
            let yielded = from.state.clone().yield_membership(
                &token,
                &proved,
                member.state.id(),
                others,
                now,
            );
            let (next, events) = yielded.map_err(|rule| Error::Rejected(rule.into()))?;

            let (tenant, scope) = (member.state.tenant(), member.scope);
            let claim = account_member(scope, to.state.id());
            if self.claimed::<Membership>(&claim).await?.is_some() {
                return Err(Error::Rejected(YieldRejection::AlreadyMember));
            }
            let principal = Principal::Account {
                account: to.state.id(),
                membership: member.state.id(),
            };
            let mut work = Work::new(scope, principal, now).asked(asked);
            work.replace(&from, &next)?;
            self.follow_up(&mut work, &next, &events, None).await?;
            // A name that is given free is nobody's look-alike.
            let _ = self.reskeleton(&mut work, Some(&from.state), &next).await?;
            let moved = member.state.clone().move_to(to.state.id());
            let (moved, events) = moved.map_err(|MoveRejection::Removed| Fault::Busy)?;
            work.replace(&member, &moved)?;
            work.note(events.iter().map(audit_trail::membership));
            self.reseat(&mut work, &member.state, to.state.id()).await?;
            // Written where nothing changes too, as by an accept.
            let (joined, events) = to.state.clone().join_tenant(tenant);
            work.replace(to, &joined)?;
            self.follow_up(&mut work, &joined, &events, None).await?;
            let joined = Joined {
                tenant,
                account: to.state.id(),
                membership: member.state.id(),
            };
            if let Committed::Done(joined) = work.commit(self, &mut tries, joined).await? {
                return Ok(joined);
            }
        }
    }

    /// Which membership an account yields: the one of the tenant that manages it, else its only one.
    async fn yielded(
        &self,
        account: &Account,
    ) -> Result<(Loaded<Membership>, OtherMemberships), Error<YieldRejection>> {
        let mut members = self.memberships_of(account.id()).await?;
        let managed = members
            .iter()
            .position(|read| Some(read.state.tenant()) == account.managed_by());
        let others = if members.len() > 1 {
            OtherMemberships::Some
        } else {
            OtherMemberships::None
        };
        let unusable = || Error::Rejected(LinkRefusal::from(TicketRefusal::Unusable).into());
        let place = match (managed, members.len()) {
            (_, 0) => return Err(unusable()),
            (Some(place), _) => place,
            (None, 1) => 0,
            (None, _) => return Err(Error::Rejected(YieldRejection::Several)),
        };
        Ok((members.swap_remove(place), others))
    }

    /// The seat goes with its membership.
    async fn reseat(
        &self,
        work: &mut Work,
        member: &Membership,
        account: AccountId,
    ) -> Result<(), Fault> {
        let seat = Seat {
            account,
            tenant: member.tenant(),
            membership: member.id(),
        };
        match self
            .load::<Seat>(Scope::Directory, member.id().as_uuid())
            .await?
        {
            Some(read) => work.replace(&read, &seat),
            None => work.create(Scope::Directory, &seat),
        }
    }
}

/// A link that activates and one that proves an address both lead here.
fn purpose_of(link: &str) -> Result<Purpose, Error<YieldRejection>> {
    let text = link.rsplit_once('#').map_or(link, |(_, token)| token);
    let token = doorward_types::Token::parse(text)
        .map_err(|error| Error::Rejected(LinkRefusal::from(error).into()))?;
    match token.purpose {
        purpose @ (Purpose::Activation | Purpose::AddressProof) => Ok(purpose),
        _ => {
            let unusable = LinkRefusal::from(TicketRefusal::Unusable);
            Err(Error::Rejected(unusable.into()))
        }
    }
}
