//! Resets by mail: asked for by anybody under any name, resolved by a tick.

use doorward_identity::{Account, Claim, ResetRequest, account::IssueResetRejection};
use doorward_storage::Limit;
use doorward_types::{DisplayName, Principal, Purpose, Scope, TenantId};
use time::{Duration, OffsetDateTime};

use crate::{
    Doorward, Error, Fault, Never,
    accounts::notice,
    mail::Template,
    record::Loaded,
    stored::{
        access::account_member,
        identity::{ResetAsked, resets_asked, unique},
    },
    work::{Committed, Tries, Work},
};

/// How long a reset link can be used (NIST SP 800-63B-4 4.2.1.2: at most 24 hours by mail).
const RESET_LIVES: Duration = Duration::hours(24);
/// How soon after a reset mail another one is sent to somebody who asks again: nobody can fill
/// another person's mailbox.
const RESET_PAUSE: Duration = Duration::minutes(5);

/// What one tick did with the requests that waited.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ResetsResolved {
    /// Requests that became a mail.
    pub mailed_count: usize,
    /// Requests under a name that nobody has, or whose account mails no reset now.
    pub dropped_count: usize,
}

impl ResetsResolved {
    /// Returns how many requests it settled.
    #[must_use]
    pub const fn total_count(&self) -> usize {
        self.mailed_count + self.dropped_count
    }
}

impl Doorward {
    /// Takes down that somebody asks for a reset under this name (ALIS "Automatic password reset
    /// email"). Nothing is looked up, so neither answer, duration nor record tells whether the name
    /// is known (ASVS 6.3.8); [`resolve_resets`](Self::resolve_resets) sees to it.
    ///
    /// The tenant is the one whose page was used, if it was one's: a user name is of a tenant.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn request_reset(
        &self,
        tenant: Option<TenantId>,
        typed: &str,
    ) -> Result<(), Error<Never>> {
        let now = self.now();
        let asked = ResetAsked {
            id: self.uuid(now)?,
            request: ResetRequest::new(tenant, typed, now),
        };
        let mut work = Work::new(Scope::Directory, Principal::Anonymous, now);
        work.create(Scope::Directory, &asked)?;
        work.commit(self, &mut Tries::default(), ()).await?;
        Ok(())
    }

    /// Resolves at most `limit` requests for a reset: mails, or drops, and deletes them. A host
    /// calls it on a tick; several processes may.
    ///
    /// A reset goes to a verified address alone, and never activates an account or opens a disabled
    /// one.
    ///
    /// # Errors
    /// A [`Fault`]; what was resolved before stays resolved.
    pub async fn resolve_resets(
        &self,
        now: OffsetDateTime,
        limit: Limit,
    ) -> Result<ResetsResolved, Fault> {
        let mut resolved = ResetsResolved::default();
        let (asked, _) = self
            .page::<ResetAsked>(&resets_asked(), None, limit)
            .await?;
        for asked in asked {
            match self.resolve_reset(asked, now).await? {
                Resolved::Mailed => resolved.mailed_count += 1,
                Resolved::Dropped => resolved.dropped_count += 1,
                Resolved::ByAnother => {}
            }
        }
        Ok(resolved)
    }

    async fn resolve_reset(
        &self,
        mut asked: Loaded<ResetAsked>,
        now: OffsetDateTime,
    ) -> Result<Resolved, Fault> {
        let mut tries = Tries::default();
        loop {
            let mut work = Work::new(Scope::Directory, Principal::System, now);
            work.delete(&asked);
            let mut resolved = Resolved::Dropped;
            if let Some((account, tenant)) = self.asked_for(&asked.state.request).await?
                && !is_fresh(&account.state, now)
                && self
                    .reset_into(&mut work, &account, tenant.as_ref())?
                    .is_ok()
            {
                resolved = Resolved::Mailed;
            }
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(resolved);
            }
            let id = asked.state.id;
            match self.load::<ResetAsked>(Scope::Directory, id).await? {
                Some(read) => asked = read,
                None => return Ok(Resolved::ByAnother),
            }
        }
    }

    /// Whose name it is, and for which tenant the mail speaks.
    async fn asked_for(
        &self,
        request: &ResetRequest,
    ) -> Result<Option<(Loaded<Account>, Option<DisplayName>)>, Fault> {
        for claim in request.claims() {
            let Some(account) = self.claimed::<Account>(&unique(&claim)).await? else {
                continue;
            };
            // The address before a change that can be undone is claimed, but receives nothing.
            if let Claim::VerifiedAddress(address) = &claim
                && account
                    .state
                    .verified_email()
                    .is_none_or(|proved| proved.address() != address)
            {
                continue;
            }
            let tenant = match request.tenant() {
                Some(tenant) => self.name_to_member(tenant, &account.state).await?,
                None => None,
            };
            return Ok(Some((account, tenant)));
        }
        Ok(None)
    }

    /// The name of a tenant, where the account is a member of it.
    async fn name_to_member(
        &self,
        tenant: TenantId,
        account: &Account,
    ) -> Result<Option<DisplayName>, Fault> {
        let scope = Scope::Tenant(tenant);
        let claim = account_member(scope, account.id());
        let member = self.claimed::<doorward_access::Membership>(&claim).await?;
        if member.is_none() {
            return Ok(None);
        }
        Ok(Some(self.need_tenant(tenant).await?.state.name))
    }

    /// Puts a reset into a work: the account with its ticket, the entry, the mail.
    pub(super) fn reset_into(
        &self,
        work: &mut Work,
        account: &Loaded<Account>,
        tenant: Option<&DisplayName>,
    ) -> Result<Result<(), IssueResetRejection>, Fault> {
        let expires_at = work.now + RESET_LIVES;
        let (secret, ticket) = self.ticket(&account.state, Purpose::PasswordReset, expires_at)?;
        let (next, events) = match account.state.clone().issue_reset(ticket) {
            Ok(issued) => issued,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let Some(proved) = next.verified_email() else {
            return Ok(Err(IssueResetRejection::Unverified));
        };
        work.replace(account, &next)?;
        work.note(
            events
                .iter()
                .map(|event| crate::audit_trail::account(&next, event)),
        );
        let mut mail = notice(
            Template::PasswordReset,
            &next,
            proved.address().clone(),
            tenant,
        );
        mail.expires_at = Some(expires_at);
        mail.secret = Some(secret);
        work.mail(self, work.scope, &mail)?;
        Ok(Ok(()))
    }
}

enum Resolved {
    Mailed,
    Dropped,
    ByAnother,
}

/// Tells whether a reset was mailed a moment ago and can still be used.
fn is_fresh(account: &Account, now: OffsetDateTime) -> bool {
    let open = account
        .tickets()
        .and_then(|tickets| tickets.expires_at(Purpose::PasswordReset));
    open.is_some_and(|expires_at| now < expires_at - RESET_LIVES + RESET_PAUSE)
}
