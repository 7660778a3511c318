//! The sponsor, judged again at the moment of acceptance: nothing silently shrinks, nothing is
//! given that nobody may give any more.

use doorward_access::{Administration, Authority, Decision, Level, Membership};
use doorward_identity::{Account, Status};
use doorward_invitations::{Invitation, Shortfall, SponsorVerdict};
use doorward_types::{Principal, Scope};

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
}

impl Doorward {
    /// Judges an invitation's offer by what its sponsor may give now. What was read is guarded, so
    /// that a demotion at the same time makes the accept decide again.
    pub(crate) async fn sponsored(
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
        let (authority, principal) = match sponsor {
            None => (Some(Authority::everything()), Principal::Operator),
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
        })
    }

    async fn sponsor_now(
        &self,
        work: &mut Work,
        scope: Scope,
        member: Option<Loaded<Membership>>,
    ) -> Result<(Option<Authority>, Principal), Fault> {
        let Some(read) = member else {
            return Ok((None, Principal::System));
        };
        let account = read.state.account();
        let principal = Principal::Account {
            account,
            membership: read.state.id(),
        };
        let mut keys = vec![key_of::<Account>(Scope::Directory, account.as_uuid())];
        let ids = read.state.level_ids();
        keys.extend(ids.map(|level| key_of::<Level>(scope, level.as_uuid())));
        let level_count = keys.len() - 1;
        let mut found = self.records(keys).await?;
        let Some(account) = found.next::<Account>()? else {
            return Ok((None, principal));
        };
        let levels = found.several::<Level>(level_count)?;
        work.guard(&read);
        work.guard(&account);
        levels.iter().for_each(|level| work.guard(level));
        let standing = self.standing_of(&read.state, &levels, &[], &[]);
        let may = standing.may(self.catalog(), Administration::Invite, work.now);
        let active = account.state.status() == Status::Active;
        let authority = match may {
            Decision::Allow(_) if active => Some(standing.authority(work.now)),
            _ => None,
        };
        Ok((authority, principal))
    }
}
