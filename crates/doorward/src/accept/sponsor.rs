//! The sponsor, judged again at the moment of acceptance: nothing silently shrinks, nothing is
//! given that nobody may give any more.

use doorward_access::{Administration, Authority, Decision, Level, Membership};
use doorward_identity::{Account, Status};
use doorward_invitations::{Invitation, Shortfall, SponsorVerdict};
use doorward_types::{AccountId, Principal, Scope};

use crate::{
    Doorward, Fault,
    inviting::{Judged, Named},
    record::{Loaded, key_of},
    work::Work,
};

/// Whether the offer still stands, and by whose right.
#[derive(Debug)]
pub(crate) struct Sponsored {
    pub(crate) verdict: SponsorVerdict,
    pub(crate) authority: Authority,
    pub(crate) principal: Principal,
    pub(crate) judged: Judged,
    account: SponsorAccount,
}

/// The account that a sponsor must still have.
#[derive(Debug)]
enum SponsorAccount {
    /// The operator invited, or the sponsor is gone.
    None,
    Unread(AccountId),
    Read(Option<Box<Loaded<Account>>>),
}

impl Sponsored {
    /// Holds on to the sponsor's account, as [`Doorward::sponsor_account`] read it. Answers whether
    /// all that was presumed of it is so; else the offer stands no more.
    pub(crate) fn confirm(&mut self, work: &mut Work, read: Option<Loaded<Account>>) -> bool {
        let account = match &self.account {
            SponsorAccount::None => return true,
            SponsorAccount::Unread(_) => read.as_ref(),
            SponsorAccount::Read(account) => account.as_deref(),
        };
        match account {
            Some(account) if account.state.status() == Status::Active => {
                work.guard(account);
                true
            }
            _ => {
                self.verdict = SponsorVerdict::Above(Shortfall::SponsorGone);
                false
            }
        }
    }
}

impl Doorward {
    /// Judges an invitation's offer by what its sponsor may give now. What was read is guarded, so
    /// that a demotion at the same time makes the accept decide again.
    pub(crate) async fn sponsored(
        &self,
        work: &mut Work,
        invitation: &Invitation,
    ) -> Result<Sponsored, Fault> {
        let mut sponsored = self.presumed(work, invitation).await?;
        let account = self.sponsor_account(&sponsored).await?;
        sponsored.confirm(work, account);
        Ok(sponsored)
    }

    /// The same, presuming that the sponsor's account is active: to be confirmed.
    pub(crate) async fn presumed(
        &self,
        work: &mut Work,
        invitation: &Invitation,
    ) -> Result<Sponsored, Fault> {
        let scope = Scope::Tenant(invitation.tenant());
        let offer = invitation.offer();
        let sponsor = invitation.sponsor().membership();
        let named = Named::by(scope, offer);
        let mut keys = named.keys();
        keys.extend(sponsor.map(|sponsor| key_of::<Membership>(scope, sponsor.as_uuid())));
        let mut read = self.records(keys).await?;
        let sets = named.take(&mut read)?;
        let (authority, principal, account) = match sponsor {
            None => {
                let all = Some(Authority::everything());
                (all, Principal::Operator, SponsorAccount::None)
            }
            Some(_) => self.sponsor_now(work, scope, read.next()?).await?,
        };
        let gone = authority.is_none();
        let authority = authority.unwrap_or_else(Authority::nothing);
        let judged = self.judged(offer, sets, &authority);
        judged.give(work)?;
        let verdict = match judged.verdict() {
            _ if gone => SponsorVerdict::Above(Shortfall::SponsorGone),
            Ok(verdict) => verdict,
            Err(_) => SponsorVerdict::Above(Shortfall::OfferGone),
        };
        Ok(Sponsored {
            verdict,
            authority,
            principal,
            judged,
            account,
        })
    }

    /// Reads the account that is left to be confirmed, if one is.
    pub(crate) async fn sponsor_account(
        &self,
        sponsored: &Sponsored,
    ) -> Result<Option<Loaded<Account>>, Fault> {
        match sponsored.account {
            SponsorAccount::Unread(account) => self.load(Scope::Directory, account.as_uuid()).await,
            SponsorAccount::None | SponsorAccount::Read(_) => Ok(None),
        }
    }

    async fn sponsor_now(
        &self,
        work: &mut Work,
        scope: Scope,
        member: Option<Loaded<Membership>>,
    ) -> Result<(Option<Authority>, Principal, SponsorAccount), Fault> {
        let Some(read) = member else {
            return Ok((None, Principal::System, SponsorAccount::None));
        };
        let id = read.state.account();
        let principal = Principal::Account {
            account: id,
            membership: read.state.id(),
        };
        let ids = read.state.level_ids();
        let mut keys: Vec<_> = ids
            .map(|level| key_of::<Level>(scope, level.as_uuid()))
            .collect();
        let level_count = keys.len();
        let (levels, account) = if keys.is_empty() {
            (Vec::new(), SponsorAccount::Unread(id))
        } else {
            keys.push(key_of::<Account>(Scope::Directory, id.as_uuid()));
            let mut found = self.records(keys).await?;
            let levels = found.several::<Level>(level_count)?;
            let account = found.next::<Account>()?.map(Box::new);
            (levels, SponsorAccount::Read(account))
        };
        work.guard(&read);
        levels.iter().for_each(|level| work.guard(level));
        let standing = self.standing_of(&read.state, &levels, &[], &[]);
        let authority = match standing.may(self.catalog(), Administration::Invite, work.now) {
            Decision::Allow(_) => Some(standing.authority(work.now)),
            _ => None,
        };
        Ok((authority, principal, account))
    }
}
