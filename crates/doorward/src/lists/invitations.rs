//! Invitations as lists show them: pending ones, all with what became of their mail, and those of
//! who is signed in.

use std::collections::HashMap;

use doorward_identity::Account;
use doorward_invitations::{DeclineReason, DeliveryReport, Invitation, Sponsor, State, Status};
use doorward_storage::{Cursor, Limit, Place};
use doorward_types::{
    DisplayName, EmailAddress, InvitationId, KindName, Offer, PersonId, RoleName, Scope, TenantId,
};
use time::{Duration, OffsetDateTime};

use super::{Names, Page, PageMark};
use crate::{
    Denied, Doorward, Error, Fault, Never, OwnAccount, Permit, Tenant, ViewAccess,
    record::Loaded,
    stored::invitations::{InviteRequest, invitations, open_invitations, place, requests_to},
};

/// An invitation as a list shows it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InvitationRow {
    /// Which invitation.
    pub invitation: InvitationId,
    /// Whom it names.
    pub name: Option<DisplayName>,
    /// The tenant's record of that person, if there is one.
    pub person: Option<PersonId>,
    /// The invited address.
    pub address: EmailAddress,
    /// What it offers.
    pub offer: Offer,
    /// Who vouches for it.
    pub sponsor: Sponsor,
    /// What the sponsor is called, where that was looked up.
    pub sponsor_name: Option<DisplayName>,
    /// Where it stands.
    pub status: Status,
    /// Why it was declined, if it was (`NotMe`: the address is wrong).
    pub declined: Option<DeclineReason>,
    /// When the last mail was asked for, in UTC (ALIS: "invitation timestamp details").
    pub invited_at: OffsetDateTime,
    /// The first instant at which it can no longer be answered, in UTC.
    pub expires_at: OffsetDateTime,
    /// For how long it can still be answered, if it can.
    pub expires_in: Option<Duration>,
    /// What became of the last mail (ALIS: "verify the delivery status of your invitations").
    pub delivery: DeliveryReport,
    /// How often it was sent again.
    pub resend_count: u32,
}

impl InvitationRow {
    pub(crate) fn of(
        invitation: &Invitation,
        sponsor_name: Option<DisplayName>,
        now: OffsetDateTime,
    ) -> Self {
        let declined = match invitation.state() {
            State::Declined(declined) => Some(declined.reason.clone()),
            _ => None,
        };
        let mailing = invitation.mailing();
        Self {
            invitation: invitation.id(),
            name: invitation.name().cloned(),
            person: invitation.person(),
            address: invitation.address().clone(),
            offer: invitation.offer().clone(),
            sponsor: invitation.sponsor(),
            sponsor_name,
            status: invitation.status(now),
            declined,
            invited_at: mailing.sent_at,
            expires_at: mailing.expires_at,
            expires_in: invitation.expires_in(now),
            delivery: mailing.delivery,
            resend_count: invitation.resend_count(),
        }
    }

    /// Returns in how many days it expires, begun days counted whole (ALIS: "Invitation expires in
    /// 30 days").
    ///
    /// ```
    /// # fn shown(row: &doorward::InvitationRow) -> Option<String> {
    /// row.expires_in_days().map(|days| format!("Invitation expires in {days} days"))
    /// # }
    /// ```
    #[must_use]
    pub fn expires_in_days(&self) -> Option<i64> {
        let left = self.expires_in?;
        let days = left.whole_days();
        Some(days + i64::from(left > Duration::days(days)))
    }
}

/// An invitation to who is signed in (Kalix: "Under the Invite Requests section of this page, click
/// Accept").
///
/// It shows what the page behind the mailed link shows, and no more: the subjects of an offer are
/// people's names, and the address may be the wrong one (design 9.10).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InviteRequestRow {
    /// Which tenant invites.
    pub tenant: TenantId,
    /// What it is called.
    pub tenant_name: DisplayName,
    /// Which invitation.
    pub invitation: InvitationId,
    /// Whom it names, so that another person can say "not me".
    pub name: Option<DisplayName>,
    /// The kind of user it makes.
    pub kind: KindName,
    /// The role it gives, if the kind has roles.
    pub role: Option<RoleName>,
    /// Over how many people's data it gives access.
    pub subject_count: usize,
    /// The first instant at which it can no longer be answered, in UTC.
    pub expires_at: OffsetDateTime,
}

impl Doorward {
    /// Lists the open invitations, the next to expire first; expired ones are shown as expired
    /// until a newer one takes their place (Kalix "pending invitation"; ALIS "Invitation expires
    /// in").
    ///
    /// # Errors
    /// [`Denied`] or a [`Fault`](crate::Fault).
    pub async fn pending_invitations(
        &self,
        permit: &Permit<ViewAccess>,
        after: Option<&PageMark>,
        limit: Limit,
    ) -> Result<Page<InvitationRow>, Error<Never>> {
        let permit = self.again(permit).await?;
        let (mut read, mut ends) = (Vec::new(), Vec::new());
        for range in open_invitations(permit.scope()) {
            let after = after.map(PageMark::cursor);
            let (some, next) = self.page::<Invitation>(&range, after, limit).await?;
            read.extend(some);
            ends.extend(next.and_then(|next| next.place().ok()));
        }
        let next = in_order(&mut read, ends, limit);
        let rows = self.invitation_rows(&permit, &read).await?;
        Ok(Page::new(rows, next))
    }

    /// Lists every invitation with what became of its mail, in the order of issue (ALIS "View Email
    /// Statuses").
    ///
    /// # Errors
    /// [`Denied`] or a [`Fault`](crate::Fault).
    pub async fn email_statuses(
        &self,
        permit: &Permit<ViewAccess>,
        after: Option<&PageMark>,
        limit: Limit,
    ) -> Result<Page<InvitationRow>, Error<Never>> {
        let permit = self.again(permit).await?;
        let range = invitations(permit.scope());
        let (read, next) = self
            .page::<Invitation>(&range, after.map(PageMark::cursor), limit)
            .await?;
        let rows = self.invitation_rows(&permit, &read).await?;
        Ok(Page::new(rows, next))
    }

    async fn invitation_rows(
        &self,
        permit: &Permit<ViewAccess>,
        read: &[Loaded<Invitation>],
    ) -> Result<Vec<InvitationRow>, Fault> {
        let mut names = Names::default();
        let sponsors = read
            .iter()
            .filter_map(|invitation| invitation.state.sponsor().membership());
        self.learn_names(&mut names, permit.scope(), sponsors)
            .await?;
        let row = |invitation: &Invitation| {
            let sponsor = invitation.sponsor().membership();
            let name = sponsor.and_then(|sponsor| names.name(sponsor));
            InvitationRow::of(invitation, name, permit.now())
        };
        Ok(read.iter().map(|read| row(&read.state)).collect())
    }

    /// Lists the open invitations to the verified address of who is signed in, in every tenant of
    /// the cell, the first to expire first. Whose address is not verified has none.
    ///
    /// # Errors
    /// [`Denied`] or a [`Fault`](crate::Fault).
    pub async fn invite_requests(
        &self,
        permit: &Permit<OwnAccount>,
    ) -> Result<Vec<InviteRequestRow>, Error<Never>> {
        let permit = self.again(permit).await?;
        let now = permit.now();
        let account: &Account = match &permit.actor().account {
            Some(account) => &account.state,
            None => return Err(Denied::Support.into()),
        };
        let Some(own) = account.verified_email() else {
            return Ok(Vec::new());
        };
        let requests = self
            .every::<InviteRequest>(&requests_to(own.address()))
            .await?;
        let mut tenants: HashMap<TenantId, Option<DisplayName>> = HashMap::new();
        let mut rows = Vec::with_capacity(requests.len());
        for request in requests {
            let request = request.state;
            let scope = Scope::Tenant(request.tenant);
            let id = request.invitation.as_uuid();
            let Some(invitation) = self.load::<Invitation>(scope, id).await? else {
                continue;
            };
            let invitation = invitation.state;
            let is_mine = invitation.address() == own.address();
            if !is_mine || invitation.status(now) != Status::Invited {
                continue;
            }
            let tenant_name = match tenants.get(&request.tenant) {
                Some(name) => name.clone(),
                None => {
                    let id = request.tenant.as_uuid();
                    let tenant = self.load::<Tenant>(scope, id).await?;
                    let name = tenant.map(|tenant| tenant.state.name().clone());
                    tenants.insert(request.tenant, name.clone());
                    name
                }
            };
            let Some(tenant_name) = tenant_name else {
                continue;
            };
            rows.push(InviteRequestRow {
                tenant: request.tenant,
                tenant_name,
                invitation: invitation.id(),
                name: invitation.name().cloned(),
                kind: invitation.offer().kind().clone(),
                role: invitation.offer().role().cloned(),
                subject_count: invitation.offer().subjects().len(),
                expires_at: invitation.mailing().expires_at,
            });
        }
        rows.sort_by_key(|row| (row.expires_at, row.invitation));
        Ok(rows)
    }
}

/// Makes one page of what was read from several ranges after one mark: in order, each invitation
/// once, and nothing beyond the place where a range goes on. Answers where the page ends.
fn in_order(read: &mut Vec<Loaded<Invitation>>, ends: Vec<Place>, limit: Limit) -> Option<Cursor> {
    let mut placed: Vec<_> = read
        .drain(..)
        .map(|read| (place(&read.state), read))
        .collect();
    placed.sort_by(|(one, _), (other, _)| one.cmp(other));
    placed.dedup_by(|(one, _), (other, _)| one == other);
    let mut end = ends.into_iter().min();
    if let Some(end) = &end {
        placed.retain(|(place, _)| place <= end);
    }
    if placed.len() > limit.count() {
        placed.truncate(limit.count());
        end = placed.last().map(|(place, _)| place.clone());
    }
    read.extend(placed.into_iter().map(|(_, read)| read));
    end.map(|end| Cursor::after(&end))
}
