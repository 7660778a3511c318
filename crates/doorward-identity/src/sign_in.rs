//! Signing in: one decision over facts, one neutral refusal.

use std::fmt;

use doorward_types::{Channel, TenantId};
use time::OffsetDateTime;

use crate::{
    AccessKeys, Account, AccountClass, Gate, MembershipFacts, MembershipStanding, PasswordCheck,
    PasswordKind, PasswordMatch, PinCheck, PinMatch, Session, Status, Telephony,
};

/// The facts of one attempt, gathered by the shell before anything is decided: every credential is
/// verified (or a [`DummyHash`](crate::DummyHash) is) whatever else is wrong, so that no answer
/// comes sooner than another.
#[derive(Debug)]
pub struct SignInFacts<'a> {
    /// Where the person wants in.
    pub tenant: TenantId,
    /// Where the login comes from.
    pub channel: Channel,
    /// Whether the tenant has telephony.
    pub telephony: Telephony,
    /// Who was found under the typed name; `None` for an unknown one.
    pub known: Option<KnownAccount<'a>>,
    /// What came of the credential.
    pub credential: CredentialCheck,
    /// What came of the access key.
    pub access_key: AccessKeyCheck,
}

/// What is known of a name that was found.
#[derive(Debug)]
pub struct KnownAccount<'a> {
    /// The account.
    pub account: &'a Account,
    /// Its class.
    pub class: &'a AccountClass,
    /// Its membership in the tenant, if it has one.
    pub membership: Option<MembershipFacts>,
    /// The state of its throttle, or of its PIN's counter, before this attempt.
    pub gate: Gate,
}

/// What came of the presented credential.
#[derive(Debug)]
pub enum CredentialCheck {
    /// A password was presented.
    Password(PasswordCheck),
    /// A telephony PIN was presented.
    Pin(PinCheck),
}

/// What came of the presented access key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AccessKeyCheck {
    /// Another one than the tenant's.
    Differs,
    /// The tenant's.
    Matches,
    /// None was presented.
    NotPresented,
}

/// What an attempt opens.
#[derive(Debug, Eq, PartialEq)]
pub enum SignedIn {
    /// A session.
    Session {
        /// The session.
        session: Session,
        /// What it was opened with.
        proof: Proof,
    },
    /// "Set a new password" and nothing else; the shell redeems the temporary one.
    NewPassword {
        /// The proof to redeem it with.
        proof: PasswordMatch,
    },
}

/// What a session was opened with.
#[derive(Debug, Eq, PartialEq)]
pub enum Proof {
    /// The person's own password; the shell may change or upgrade it.
    Password(PasswordMatch),
    /// The telephony PIN.
    Pin(PinMatch),
}

/// Decides an attempt.
///
/// It needs an active account, a membership that is active inside its window, the channel in the
/// class, the access key where the class requires one, and the right credential; a temporary
/// password opens "set a new password" alone, also of an account that it activates.
///
/// # Errors
/// [`SignInRefusal`]: one neutral text for whoever asks, the reason for the audit.
///
/// ```
/// use doorward_identity::{
///     AccessKeyCheck, Counts, CredentialCheck, PasswordCheck, SignInFacts, SignInReason, Telephony,
///     decide_sign_in,
/// };
/// use doorward_types::{Channel, TenantId};
/// use time::macros::datetime;
/// let now = datetime!(2026-11-22 10:00 UTC);
/// let facts = SignInFacts {
///     tenant: TenantId::made_at(now, [1; 10]),
///     channel: Channel::Portal,
///     telephony: Telephony::NotOffered,
///     known: None, // the shell has verified a `DummyHash`
///     credential: CredentialCheck::Password(PasswordCheck::Differs),
///     access_key: AccessKeyCheck::NotPresented,
/// };
/// let refusal = decide_sign_in(facts, now).unwrap_err();
/// assert_eq!(refusal.reason(), SignInReason::UnknownName); // for the audit
/// assert_eq!(refusal.counts_as(), Counts::AnonymousRefusal);
/// assert!(!refusal.to_string().contains("unknown")); // for whoever asks
/// ```
pub fn decide_sign_in(
    facts: SignInFacts<'_>,
    now: OffsetDateTime,
) -> Result<SignedIn, SignInRefusal> {
    let SignInFacts {
        tenant,
        channel,
        telephony,
        known,
        credential,
        access_key,
    } = facts;
    let Some(known) = known else {
        return Err(refuse(SignInReason::UnknownName));
    };
    let KnownAccount {
        account,
        class,
        membership,
        gate,
    } = known;
    match gate {
        Gate::Open => {}
        Gate::Locked { until } => return Err(refuse(SignInReason::Locked { until })),
        Gate::Stopped => return Err(refuse(SignInReason::Stopped)),
    }
    let presented = presented(account, channel, credential)?;
    if account.class() != Some(class.name()) || !class.opens(channel) {
        return Err(refuse(SignInReason::Channel));
    }
    if channel == Channel::Telephony && telephony == Telephony::NotOffered {
        return Err(refuse(SignInReason::Channel));
    }
    if class.access_keys(channel) == AccessKeys::Required && access_key != AccessKeyCheck::Matches {
        return Err(refuse(SignInReason::AccessKey));
    }
    let status = account.status();
    let temporary = matches!(&presented, Proof::Password(proof)
        if matches!(proof.kind(), PasswordKind::Temporary { .. }));
    if status != Status::Active && !(temporary && status == Status::Pending) {
        return Err(refuse(SignInReason::Account { status }));
    }
    let Some(membership) = membership.filter(|membership| membership.tenant == tenant) else {
        return Err(refuse(SignInReason::NoMembership));
    };
    if membership.standing != MembershipStanding::Active {
        return Err(refuse(SignInReason::MembershipInactive));
    }
    if !membership.window.contains(now) {
        return Err(refuse(SignInReason::OutsideWindow));
    }
    let proof = match presented {
        Proof::Pin(proof) => Proof::Pin(proof),
        Proof::Password(proof) => match proof.kind() {
            PasswordKind::Chosen => Proof::Password(proof),
            PasswordKind::Temporary { expires_at } if now < expires_at => {
                return Ok(SignedIn::NewPassword { proof });
            }
            PasswordKind::Temporary { .. } => return Err(refuse(SignInReason::TemporaryExpired)),
        },
    };
    let session = Session {
        account: account.id(),
        membership: membership.id,
        tenant,
        channel,
        security_epoch: account.security_epoch(),
        access_epoch: membership.access_epoch,
        signed_in_at: now,
    };
    Ok(SignedIn::Session { session, proof })
}

/// A refused attempt. `Display` is the one text for whoever asks; the reason is for the audit and
/// for administrators (ASVS 6.3.8, 16.5.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SignInRefusal {
    reason: SignInReason,
}

impl SignInRefusal {
    /// Returns why; never shown to whoever asks.
    #[must_use]
    pub const fn reason(&self) -> SignInReason {
        self.reason
    }

    /// Tells what the attempt counts against. Only a wrong credential or access key counts: an
    /// attempt while locked does not, nor does the right credential of somebody whose access is off.
    #[must_use]
    pub const fn counts_as(&self) -> Counts {
        match self.reason {
            SignInReason::UnknownName => Counts::AnonymousRefusal,
            SignInReason::AccessKey | SignInReason::Credential => Counts::Failure,
            _ => Counts::Nothing,
        }
    }
}

impl fmt::Display for SignInRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "signing in is not possible with these details: check them, or reset the password",
        )
    }
}

impl std::error::Error for SignInRefusal {}

/// What a refused attempt counts against.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Counts {
    /// The bucket of the unknown name.
    AnonymousRefusal,
    /// The account's throttle, or its PIN's counter.
    Failure,
    /// Nothing.
    Nothing,
}

/// Why an attempt was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignInReason {
    /// The access key is missing or another one.
    AccessKey,
    /// The account is not active.
    Account {
        /// Where it stands.
        status: Status,
    },
    /// The class or the tenant does not open this channel.
    Channel,
    /// The credential is another one, or not the kind that the channel takes.
    Credential,
    /// The stored credential gave no verdict: a fault to repair.
    Faulty,
    /// Too many failures, for some time.
    Locked {
        /// Until when.
        until: OffsetDateTime,
    },
    /// The membership is disabled or removed.
    MembershipInactive,
    /// The account is no member of the tenant.
    NoMembership,
    /// The membership's window is over or has not begun.
    OutsideWindow,
    /// Too many failures, until the credential is set anew.
    Stopped,
    /// The temporary password came too late.
    TemporaryExpired,
    /// Nobody has this name.
    UnknownName,
}

impl SignInReason {
    /// Returns the word for it, as audit entries name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessKey => "access_key",
            Self::Account { .. } => "account_not_active",
            Self::Channel => "channel",
            Self::Credential => "credential",
            Self::Faulty => "faulty",
            Self::Locked { .. } => "locked",
            Self::MembershipInactive => "membership_inactive",
            Self::NoMembership => "no_membership",
            Self::OutsideWindow => "outside_window",
            Self::Stopped => "stopped",
            Self::TemporaryExpired => "temporary_expired",
            Self::UnknownName => "unknown_name",
        }
    }
}

/// Takes the proof of this account as it stands. A PIN opens telephony alone, and telephony takes
/// nothing else.
fn presented(
    account: &Account,
    channel: Channel,
    credential: CredentialCheck,
) -> Result<Proof, SignInRefusal> {
    let (id, epoch) = (account.id(), account.security_epoch());
    match (credential, channel) {
        (
            CredentialCheck::Password(PasswordCheck::Matches(proof)),
            Channel::Desktop | Channel::Mobile | Channel::Portal,
        ) if proof.account == id && proof.epoch == epoch => Ok(Proof::Password(proof)),
        (CredentialCheck::Pin(PinCheck::Matches(proof)), Channel::Telephony)
            if proof.account == id && proof.epoch == epoch =>
        {
            Ok(Proof::Pin(proof))
        }
        (
            CredentialCheck::Password(PasswordCheck::Faulty(_))
            | CredentialCheck::Pin(PinCheck::Faulty(_)),
            _,
        ) => Err(refuse(SignInReason::Faulty)),
        _ => Err(refuse(SignInReason::Credential)),
    }
}

const fn refuse(reason: SignInReason) -> SignInRefusal {
    SignInRefusal { reason }
}
