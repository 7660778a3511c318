//! Accepting and declining: by the mailed token, or signed in by the account's own address.

mod decline;
mod join;
mod place;
mod returning;
mod sponsor;

use std::collections::BTreeSet;

use doorward_access::Membership;
use doorward_identity::{
    Account, ContextWords, HashedPassword, PasswordRejection, Registration,
    account::RegisterRejection,
};
use doorward_invitations::{
    AcceptRejection, Acceptance, Acceptor, AddressClaim, Confirmed, Inspection, Invitation,
    Outward, RequestDigest, TokenMatch, TokenRefusal,
};
use doorward_types::{
    AccountId, DisplayName, InvitationId, MembershipId, Principal, RequestId, Scope, Statement,
    TenantId, Token,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use self::{
    join::Join,
    place::{Accepting, Look},
};
use crate::{
    Doorward, Error, Fault, HashingError, OwnAccount, Permit, audit_trail,
    inviting::Pointed,
    record::Loaded,
    stored::{access::person_member, identity::verified_address},
    together::both,
    work::{Asked, Committed, Tries, Work, replay},
};

/// What a new person registers with (Kalix: "they should enter their email address, name, and a
/// secure password. They should read the Terms and Conditions and Privacy Policy before clicking
/// Register"). The address is the invitation's own.
#[derive(Debug)]
pub struct RegisterForm {
    /// What they are called.
    pub name: DisplayName,
    /// Their password.
    pub password: SecretString,
    /// The statements they agreed to, in the versions they were shown.
    pub agreed: BTreeSet<Statement>,
}

/// A place that was taken: sign in to use it. Accepting opens no session (ASVS 7.6.2).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Joined {
    /// The tenant.
    pub tenant: TenantId,
    /// The account.
    pub account: AccountId,
    /// Its membership.
    pub membership: MembershipId,
}

/// An open invitation to the address of whoever is signed in, in any tenant.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct InvitationRef {
    /// The tenant that invites.
    pub tenant: TenantId,
    /// The invitation.
    pub invitation: InvitationId,
}

/// Why an invitation is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptInvitationRejection {
    /// The rule of the invitation.
    #[error(transparent)]
    Rule(#[from] AcceptRejection),
    /// The password cannot be used.
    #[error(transparent)]
    Password(#[from] PasswordRejection),
    /// The account cannot be registered.
    #[error(transparent)]
    Register(#[from] RegisterRejection),
    /// The password is not that of the account with this address, or the account cannot be signed in
    /// to now: one answer for all.
    #[error("signing in is not possible with these details: check them, or reset the password")]
    Credential,
    /// A profile or level of the offer changed at the same time; ask the sponsor.
    #[error("the invitation must be sent anew: ask whoever invited you")]
    OfferGone,
}

impl AcceptInvitationRejection {
    /// Returns what an outsider may be told; it never tells whether an account exists beyond what
    /// the holder of the address may know.
    #[must_use]
    pub fn outward(&self) -> String {
        match self {
            Self::Rule(rule) => rule.outward().to_string(),
            Self::Password(rejection) => rejection.to_string(),
            Self::Credential => self.to_string(),
            Self::Register(_) | Self::OfferGone => Outward::AskSponsor.to_string(),
        }
    }
}

type Refused = Error<AcceptInvitationRejection>;

impl Doorward {
    /// Reads a link without using it: mail scanners open every link (ASVS 6.5.1; a GET does this).
    ///
    /// # Errors
    /// [`TokenRefusal`], whose `outward` is one neutral text for unknown, revoked and wrong links.
    pub async fn inspect_invitation(&self, link: &str) -> Result<Inspection, Error<TokenRefusal>> {
        let now = self.now();
        let (token, read) = self.linked_invitation(link).await?;
        let claim = self.address_claim(&read.state).await?;
        let policy = self.policy_of(&read.state)?;
        read.state
            .inspect(&token, claim, policy, now)
            .map_err(Error::Rejected)
    }

    /// Accepts by the mailed link as a new person: account, membership, grants and the closed
    /// invitation in one commit. A host calls it from a POST, never from a GET.
    ///
    /// Where the address has an account by now, the answer is "sign in to accept" and that
    /// account's password stays as it is.
    ///
    /// # Errors
    /// [`AcceptInvitationRejection`] or a [`Fault`].
    pub async fn accept_by_link(
        &self,
        link: &str,
        form: RegisterForm,
        _confirmed: Confirmed,
        request: Option<RequestId>,
    ) -> Result<Joined, Refused> {
        let refused = |refusal| AcceptInvitationRejection::Rule(AcceptRejection::Refused(refusal));
        let (token, read) = self
            .linked_invitation(link)
            .await
            .map_err(|e| e.map_rejection(refused))?;
        let matched = self.matched(&read.state, &token)?;
        let asked = self.asked_by(&read, request)?;
        // A resend answers before the password is hashed again.
        let (before, tenant) = both(
            replay(self, asked.as_ref()),
            self.need_tenant(read.state.tenant()),
        )
        .await;
        if let Some(before) = before? {
            return Ok(before);
        }
        let tenant = tenant?.state.name;
        let password = self.invitee_password(&read.state, &tenant, &form).await?;
        let mut password = Some(password);
        let mut tries = Tries::default();
        loop {
            let now = self.now();
            let pointed = self.need_pointed(read.scope, read.state.id()).await?;
            let read = &pointed.invitation;
            let account = AccountId::made_at(now, self.random()?);
            let membership = MembershipId::made_at(now, self.random()?);
            let principal = Principal::Account {
                account,
                membership,
            };
            let mut work = Work::new(read.scope, principal, now).asked(asked.clone());
            let (sponsored, (claim, holder)) = both(
                self.sponsored(&mut work, &read.state),
                both(self.address_claim(&read.state), self.held_by(&read.state)),
            )
            .await;
            let sponsored = sponsored?;
            let acceptor = Acceptor::NewPerson {
                matched,
                account,
                address: claim?,
                agreed: form.agreed.clone(),
            };
            let verdict = sponsored.verdict.clone();
            let digest = request.map(RequestDigest::of);
            let acceptance = Acceptance {
                acceptor,
                membership,
                verdict,
                request: digest,
            };
            let policy = self.policy_of(&read.state)?;
            let accepted = read.state.clone();
            let accepted = accepted.accept(acceptance, Confirmed::by_post(), policy, now);
            let free = has_no_access(holder?);
            let (accepted, events) = match accepted.and_then(|accepted| free.map(|()| accepted)) {
                Ok(accepted) => accepted,
                // Whoever took the address or the place may have done so by this very link.
                Err(_) if !self.is_still(read).await? => {
                    tries.again()?;
                    continue;
                }
                Err(rejection) => return joined_before(read.state.tenant(), rejection),
            };
            let registered = self.registered(&read.state, &form, account, &mut password, now)?;
            work.replace(read, &accepted)?;
            pointed.withdraw(&mut work);
            work.note(events.iter().map(audit_trail::invitation));
            work.create(Scope::Directory, &registered.0)?;
            work.note(
                registered
                    .1
                    .iter()
                    .map(|event| audit_trail::account(&registered.0, event)),
            );
            let name = Some(form.name.clone());
            let join = Join {
                invitation: &accepted,
                account,
                membership,
                name,
            };
            self.join_into(&mut work, join, &sponsored)?;
            let joined = Joined {
                tenant: accepted.tenant(),
                account,
                membership,
            };
            match work.commit(self, &mut tries, joined).await? {
                Committed::Done(joined) => return Ok(joined),
                Committed::Again => {
                    password = Some(self.invitee_password(&read.state, &tenant, &form).await?)
                }
            }
        }
    }

    /// Accepts as whoever is signed in, by their own verified address; no token is needed (Kalix:
    /// "Under the Invite Requests section of this page, click Accept").
    ///
    /// # Errors
    /// [`AcceptInvitationRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn accept_signed_in(
        &self,
        mut permit: Permit<OwnAccount>,
        invitation: InvitationRef,
        _confirmed: Confirmed,
    ) -> Result<Joined, Refused> {
        let outcome = self.accept_signed_in_once(&mut permit, invitation).await;
        self.settled(&permit, outcome).await
    }

    async fn accept_signed_in_once(
        &self,
        permit: &mut Permit<OwnAccount>,
        invitation: InvitationRef,
    ) -> Result<Joined, Refused> {
        let mut tries = Tries::default();
        loop {
            let tried = self.try_to_accept(permit, &mut tries, invitation).await;
            if let Committed::Done(joined) = tries.settle(tried)? {
                return Ok(joined);
            }
        }
    }

    async fn try_to_accept(
        &self,
        permit: &mut Permit<OwnAccount>,
        tries: &mut Tries,
        invitation: InvitationRef,
    ) -> Result<Committed<Joined>, Refused> {
        let scope = Scope::Tenant(invitation.tenant);
        let asked = answered_by(permit, scope, "accept_signed_in", &invitation)?;
        permit.keep_asked(asked.as_ref());
        let keys = Pointed::keys(scope, invitation.invitation);
        let read = self.renew(permit, tries, keys).await;
        let mut read = read.map_err(Error::widen)?;
        let pointed = Pointed::take(&mut read)?;
        let now = permit.now();
        let account = permit
            .actor()
            .account
            .as_ref()
            .ok_or(crate::Denied::Support)?;
        let id = account.state.id();
        let membership = MembershipId::made_at(now, self.random()?);
        let principal = Principal::Account {
            account: id,
            membership,
        };
        let mut work = Work::new(scope, principal, now).asked(asked);
        // The account is guarded by what is written of it.
        if let Some(member) = &permit.actor().member {
            work.guard(member);
        }
        let request = permit.request().map(RequestDigest::of);
        let accepting = self
            .accept_as(work, account, &pointed, request, Look::of(tries))
            .await;
        match accepting {
            Ok(Accepting::Now(work, joined)) => Ok(work.commit(self, tries, joined).await?),
            Ok(Accepting::Before(_)) if tries.is_on_kept() => Ok(tries.decide_again()?),
            Ok(Accepting::Before(joined)) => Ok(Committed::Done(joined)),
            Err(Error::Rejected(_)) if !self.is_still(&pointed.invitation).await? => {
                Ok(tries.decide_again()?)
            }
            Err(refused) => Err(refused),
        }
    }

    /// Takes a link apart and finds its invitation; what is not there is told like a wrong secret.
    pub(crate) async fn linked_invitation(
        &self,
        link: &str,
    ) -> Result<(Token, Loaded<Invitation>), Error<TokenRefusal>> {
        let unusable = || Error::Rejected(TokenRefusal::Unusable);
        // A link may come whole, as it stood in the mail.
        let text = link.rsplit_once('#').map_or(link, |(_, token)| token);
        let token = Token::parse(text).map_err(|_| unusable())?;
        let Scope::Tenant(_) = token.scope else {
            return Err(unusable());
        };
        let read = self.load::<Invitation>(token.scope, token.record).await?;
        read.map(|read| (token, read)).ok_or_else(unusable)
    }

    fn matched(&self, invitation: &Invitation, token: &Token) -> Result<TokenMatch, Refused> {
        let refused = |refusal| ruled(AcceptRejection::Refused(refusal));
        invitation.verify(token, self.now()).map_err(refused)
    }

    /// Whether an account has proved the address.
    async fn address_claim(&self, invitation: &Invitation) -> Result<AddressClaim, Fault> {
        let claim = verified_address(invitation.address());
        Ok(match self.storage().lookup(&claim).await? {
            Some(_) => AddressClaim::Taken,
            None => AddressClaim::Free,
        })
    }

    /// The membership of the person whom an invitation is for.
    async fn held_by(&self, invitation: &Invitation) -> Result<Option<MembershipId>, Fault> {
        let Some(person) = invitation.person() else {
            return Ok(None);
        };
        let claim = person_member(Scope::Tenant(invitation.tenant()), person.as_bytes());
        let member = self.claimed::<Membership>(&claim).await?;
        Ok(member.map(|read| read.state.id()))
    }

    /// The request of somebody not signed in belongs to the record whose secret they hold.
    fn asked_by(
        &self,
        read: &Loaded<Invitation>,
        request: Option<RequestId>,
    ) -> Result<Option<Asked>, Fault> {
        let Some(request) = request else {
            return Ok(None);
        };
        let id = read.state.id();
        Asked::by(read.scope, id.as_bytes(), request, "accept_by_link", &id).map(Some)
    }

    /// Checks and hashes the password, on the threads that hash.
    async fn invitee_password(
        &self,
        invitation: &Invitation,
        tenant: &DisplayName,
        form: &RegisterForm,
    ) -> Result<HashedPassword, Refused> {
        let setup = self.setup();
        let context = ContextWords::new([
            setup.product.as_str(),
            tenant.as_str(),
            form.name.as_str(),
            invitation.address().original(),
        ]);
        let checked = setup
            .passwords
            .check(&form.password, &context, &setup.blocklist)
            .map_err(|rejection| Error::Rejected(rejection.into()))?;
        let (cost, salt) = (setup.cost, self.random()?);
        let hashed = setup.hashing.run(move || checked.hash(cost, salt)).await;
        let hashed = hashed.map_err(Fault::from)?;
        Ok(hashed.map_err(|_| Fault::from(HashingError::Failed))?)
    }

    fn registered(
        &self,
        invitation: &Invitation,
        form: &RegisterForm,
        account: AccountId,
        password: &mut Option<HashedPassword>,
        now: OffsetDateTime,
    ) -> Result<(Account, Vec<doorward_identity::AccountEvent>), Refused> {
        let class = self.class(invitation.class())?;
        let registration = Registration {
            id: account,
            name: form.name.clone(),
            address: invitation.address().clone(),
            user_name: None,
            cell: None,
        };
        let password = password
            .take()
            .ok_or(HashingError::Failed)
            .map_err(Fault::from)?;
        let tenant = Some(invitation.tenant());
        Account::register_at_accept(registration, class, tenant, password, now)
            .map_err(|rejection| Error::Rejected(rejection.into()))
    }
}

/// The request of whoever answers an invitation signed in: it is kept in the inviting tenant.
fn answered_by(
    permit: &Permit<OwnAccount>,
    scope: Scope,
    use_case: &str,
    arguments: &impl Serialize,
) -> Result<Option<Asked>, Fault> {
    let by = permit.principal();
    permit
        .request()
        .map(|request| Asked::of(scope, by, request, use_case, arguments))
        .transpose()
}

/// One person has one membership, however many invitations went out to them.
fn has_no_access(holder: Option<MembershipId>) -> Result<(), AcceptRejection> {
    match holder {
        None => Ok(()),
        Some(membership) => Err(AcceptRejection::AlreadyMember { membership }),
    }
}

/// A double click answers what the first did; anything else is refused.
fn joined_before(tenant: TenantId, rejection: AcceptRejection) -> Result<Joined, Refused> {
    match rejection {
        AcceptRejection::AlreadyAcceptedByYou(first) => Ok(Joined {
            tenant,
            account: first.account,
            membership: first.membership,
        }),
        rejection => Err(ruled(rejection)),
    }
}

fn ruled(rule: AcceptRejection) -> Refused {
    Error::Rejected(rule.into())
}

fn wrong_recipient() -> Refused {
    ruled(AcceptRejection::WrongRecipient)
}
