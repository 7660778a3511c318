//! The sponsor, judged again at the moment of acceptance: nothing silently shrinks, nothing is
//! given that nobody may give any more.

use doorward_access::{Administration, Authority, Decision, Level, Membership};
use doorward_identity::{Account, Status};
use doorward_invitations::{Invitation, Shortfall, Sponsor, SponsorVerdict};
use doorward_types::{MembershipId, Principal, Scope};

use crate::{Doorward, Fault, inviting::Judged, work::Work};

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
        let (authority, principal) = match invitation.sponsor() {
            Sponsor::Operator => (Some(Authority::everything()), Principal::Operator),
            Sponsor::Member(member) => self.sponsor_now(work, scope, member).await?,
        };
        let gone = authority.is_none();
        let authority = authority.unwrap_or_else(Authority::nothing);
        let judged = self.judge(scope, invitation.offer(), &authority).await?;
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
        member: MembershipId,
    ) -> Result<(Option<Authority>, Principal), Fault> {
        let Some(read) = self.load::<Membership>(scope, member.as_uuid()).await? else {
            return Ok((None, Principal::System));
        };
        let account = read.state.account();
        let principal = Principal::Account {
            account,
            membership: member,
        };
        let Some(account) = self
            .load::<Account>(Scope::Directory, account.as_uuid())
            .await?
        else {
            return Ok((None, principal));
        };
        let ids = read.state.level_ids().map(|level| level.as_uuid());
        let levels = self.load_all::<Level>(scope, ids).await?;
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
