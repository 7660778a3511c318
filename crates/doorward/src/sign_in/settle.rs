//! What an attempt leaves behind: a session's entry, or a count.

use doorward_access::Membership;
use doorward_audit::{Action, Code};
use doorward_identity::{
    Account, Counts, Gate, PasswordMatch, Proof, Rehash, Session, SignInReason, SignInRefusal,
    TypedPassword, should_audit,
};
use doorward_types::{AccountId, Principal, Purpose, Scope, Token, TokenSecret};

use super::{Attempt, Credential, SignedIn, found::Found};
use crate::{
    Doorward, Error, Fault,
    audit_trail::{self, Draft},
    record::Loaded,
    stored::identity::{AccountThrottle, AnonymousThrottle},
    work::Work,
};

impl Doorward {
    /// Counts a refused attempt. Each writes one record, so that no answer comes sooner than
    /// another; a count that does not change is written as it was.
    pub(super) fn refuse(
        &self,
        attempt: &Attempt<'_>,
        found: &Found,
        refusal: SignInRefusal,
    ) -> Result<Work, Fault> {
        let scope = Scope::Tenant(attempt.tenant);
        let mut work = Work::new(scope, Principal::Anonymous, found.now);
        match (&found.account, &found.member) {
            (Some(account), Some(member)) => {
                refuse_member(&mut work, attempt, found, &account.state, member, refusal)?;
            }
            (account, _) => {
                // Whether somebody who is no member here has an account elsewhere is not this
                // tenant's to know: its log says what it says of a name that nobody has.
                refuse_unknown(&mut work, attempt, found)?;
                if let Some(account) = account
                    && refusal.counts_as() == Counts::Failure
                {
                    let (next, _) = failed(&account.state, found, &attempt.credential);
                    put_throttle(&mut work, found, &next)?;
                }
            }
        }
        Ok(work)
    }

    /// Opens a session: failures are forgotten, and a hash of a lower cost is made anew.
    pub(super) async fn admit(
        &self,
        attempt: &Attempt<'_>,
        found: &Found,
        session: Session,
        proof: Proof,
    ) -> Result<Work, Error<SignInRefusal>> {
        let principal = Principal::Account {
            account: session.account,
            membership: session.membership,
        };
        let mut work = Work::new(Scope::Tenant(session.tenant), principal, found.now);
        work.guard(&found.tenant);
        let draft = Draft::new(Action::SESSION_SIGN_IN, session.account);
        work.note([draft.fact("channel", Code::declare(attempt.channel.as_str()))]);
        if let Some(member) = &found.member {
            work.guard(member);
        }
        let Some(account) = &found.account else {
            return Err(Fault::unknown("account").into());
        };
        work.guard(account);
        forget_failures(&mut work, found, session.account, &proof)?;
        if let (Proof::Password(proof), Credential::Password(text)) = (proof, &attempt.credential)
            && proof.rehash() == Rehash::Due
        {
            let typed = TypedPassword::new(text.clone());
            self.hash_anew(&mut work, account, proof, typed).await?;
        }
        Ok(work)
    }

    /// Exchanges a temporary password for the ticket that sets a new one.
    pub(super) fn redeem(
        &self,
        found: &Found,
        proof: &PasswordMatch,
    ) -> Result<(Work, SignedIn), Error<SignInRefusal>> {
        let (Some(account), Some(member)) = (&found.account, &found.member) else {
            return Err(Fault::unknown("account").into());
        };
        let id = account.state.id();
        let principal = Principal::Account {
            account: id,
            membership: member.state.id(),
        };
        let mut work = Work::new(found.tenant.scope, principal, found.now);
        let secret = TokenSecret::new(self.random()?);
        let generation = account.state.next_generation(Purpose::NewPassword);
        let redeemed = account.state.clone().redeem_temporary_password(
            proof,
            generation,
            secret.digest(),
            found.now,
        );
        // The same facts were decided on a moment ago, so this never refuses.
        let (next, events) = redeemed.map_err(|_| Fault::Busy)?;
        let expires_at = next
            .tickets()
            .and_then(|tickets| tickets.expires_at(Purpose::NewPassword));
        let expires_at = expires_at.ok_or(Fault::Busy)?;
        work.guard(&found.tenant);
        work.guard(member);
        hold_throttle(&mut work, found, id)?;
        work.replace(account, &next)?;
        work.note(
            events
                .iter()
                .map(|event| audit_trail::account(&next, event)),
        );
        let token = Token {
            purpose: Purpose::NewPassword,
            scope: Scope::Directory,
            record: id.as_uuid(),
            generation,
            secret,
        };
        let ticket = token.to_text();
        Ok((work, SignedIn::NewPassword { ticket, expires_at }))
    }

    async fn hash_anew(
        &self,
        work: &mut Work,
        account: &Loaded<Account>,
        proof: PasswordMatch,
        typed: TypedPassword,
    ) -> Result<(), Fault> {
        let (salt, cost, state) = (self.random()?, self.setup().cost, account.state.clone());
        let job = move || state.upgrade_password(&proof, &typed, cost, salt);
        let upgraded = self.setup().hashing.run(job).await;
        // A hash that is not made anew is as good as before: signing in does not fail by it, where
        // the queue is full either.
        if let Ok(Ok((next, events))) = upgraded {
            work.replace(account, &next)?;
            work.note(
                events
                    .iter()
                    .map(|event| audit_trail::account(&next, event)),
            );
        }
        Ok(())
    }
}

fn refuse_member(
    work: &mut Work,
    attempt: &Attempt<'_>,
    found: &Found,
    account: &Account,
    member: &Loaded<Membership>,
    refusal: SignInRefusal,
) -> Result<(), Fault> {
    let draft = |count: u32| {
        Draft::new(Action::SESSION_SIGN_IN, account.id())
            .denied(Code::declare(refusal.reason().as_str()))
            .fact("membership", member.state.id())
            .fact("channel", Code::declare(attempt.channel.as_str()))
            .fact("failures", count)
    };
    let before = found.counted(account.id());
    let count = count_of(&before, &attempt.credential);
    if refusal.counts_as() != Counts::Failure {
        // An attempt while locked is neither counted nor told: the lock was.
        let locked = matches!(
            refusal.reason(),
            SignInReason::Locked { .. } | SignInReason::Stopped
        );
        work.note((!locked).then(|| draft(count)));
        return put_throttle(work, found, &before);
    }
    let (next, gate) = failed(account, found, &attempt.credential);
    let count = count_of(&next, &attempt.credential);
    work.note(should_audit(count).then(|| draft(count)));
    if gate != Gate::Open {
        let until = match gate {
            Gate::Locked { until } => Some(until),
            Gate::Open | Gate::Stopped => None,
        };
        let lock = Draft::new(Action::LOCKOUT_START, account.id())
            .fact("until", until)
            .fact("failures", count);
        work.note([lock]);
    }
    put_throttle(work, found, &next)
}

fn refuse_unknown(work: &mut Work, attempt: &Attempt<'_>, found: &Found) -> Result<(), Fault> {
    let before = found.refusals.as_ref();
    let counted = before.map_or_else(Default::default, |read| read.state.refusals);
    let next = AnonymousThrottle {
        bucket: found.bucket,
        refusals: counted.refuse(found.now),
    };
    let count = next.refusals.count();
    let draft = Draft::new(Action::SESSION_SIGN_IN, attempt.tenant)
        .denied(Code::declare(SignInReason::UnknownName.as_str()))
        .fact("channel", Code::declare(attempt.channel.as_str()))
        .fact("bucket", found.bucket.number())
        .fact("failures", count);
    work.note(should_audit(count).then_some(draft));
    match before {
        Some(before) => work.replace(before, &next),
        None => work.create(Scope::Tenant(attempt.tenant), &next),
    }
}

/// Counts a wrong credential, and tells whether another is looked at now.
fn failed(account: &Account, found: &Found, credential: &Credential) -> (AccountThrottle, Gate) {
    let mut next = found.counted(account.id());
    let gate = match credential {
        Credential::Password(_) => {
            next.password = next.password.fail(found.now);
            next.password.gate(found.now)
        }
        // Without a PIN there is none to close.
        Credential::Pin(_) => match account.pin().map(|pin| pin.generation()) {
            None => Gate::Open,
            Some(generation) => {
                next.pin = next.pin.fail(generation);
                if next.pin.is_closed(generation) {
                    Gate::Stopped
                } else {
                    Gate::Open
                }
            }
        },
    };
    (next, gate)
}

fn count_of(throttle: &AccountThrottle, credential: &Credential) -> u32 {
    match credential {
        Credential::Password(_) => throttle.password.failure_count(),
        Credential::Pin(_) => u32::from(throttle.pin.failure_count()),
    }
}

/// Forgets the failures before a right credential.
fn forget_failures(
    work: &mut Work,
    found: &Found,
    account: AccountId,
    proof: &Proof,
) -> Result<(), Fault> {
    let before = found.counted(account);
    let mut next = before.clone();
    match proof {
        Proof::Password(_) => next.password = next.password.succeed(),
        Proof::Pin(proof) => next.pin = next.pin.succeed(proof.generation()),
    }
    let counted = |throttle: &AccountThrottle| {
        (
            throttle.password.failure_count(),
            throttle.pin.failure_count(),
        )
    };
    if counted(&next) == counted(&before) {
        return hold_throttle(work, found, account);
    }
    put_throttle(work, found, &next)
}

/// Holds on to the count that an attempt was let through by. Of many guesses at the same time, the
/// right one is decided again when wrong ones were counted meanwhile.
fn hold_throttle(work: &mut Work, found: &Found, account: AccountId) -> Result<(), Fault> {
    match &found.throttle {
        Some(read) => {
            work.guard(read);
            Ok(())
        }
        // That a record is not there cannot be guarded, so the first success makes it.
        None => put_throttle(work, found, &found.counted(account)),
    }
}

fn put_throttle(work: &mut Work, found: &Found, next: &AccountThrottle) -> Result<(), Fault> {
    match &found.throttle {
        Some(before) => work.replace(before, next),
        None => work.create(Scope::Directory, next),
    }
}
