//! Signing in.

use std::collections::BTreeSet;

use doorward_identity::{
    AccessKeyCheck, Account, AccountClass, Counts, CredentialCheck, DisabledReason, Gate, Handover,
    KnownAccount, MembershipFacts, MembershipStanding, PasswordCheck, PinCheck, PinDigestInput,
    Proof, SignInFacts, SignInReason, SignInRefusal, SignedIn, Status, Telephony, decide_sign_in,
};
use doorward_types::{Channel, Principal, Window};
use time::{Duration, OffsetDateTime};

use crate::support::*;

/// One attempt, right in everything unless a test says otherwise.
struct Attempt {
    channel: Channel,
    telephony: Telephony,
    account: Account,
    class: AccountClass,
    membership: Option<MembershipFacts>,
    gate: Gate,
    credential: Option<CredentialCheck>,
    access_key: AccessKeyCheck,
    now: OffsetDateTime,
}

fn attempt(account: Account, class: AccountClass) -> Attempt {
    Attempt {
        channel: Channel::Portal,
        telephony: Telephony::Offered,
        account,
        class,
        membership: Some(membership()),
        gate: Gate::Open,
        credential: None,
        access_key: AccessKeyCheck::NotPresented,
        now: NOW,
    }
}

impl Attempt {
    fn typing(mut self, text: &str) -> Self {
        let check = self.account.verify_password(&typed(text), cost());
        self.credential = Some(CredentialCheck::Password(check));
        self
    }

    fn decide(self) -> Result<SignedIn, SignInRefusal> {
        let check = self.account.verify_password(&typed(OWN), cost());
        let facts = SignInFacts {
            tenant: office(),
            channel: self.channel,
            telephony: self.telephony,
            known: Some(KnownAccount {
                account: &self.account,
                class: &self.class,
                membership: self.membership,
                gate: self.gate,
            }),
            credential: self.credential.unwrap_or(CredentialCheck::Password(check)),
            access_key: self.access_key,
        };
        decide_sign_in(facts, self.now)
    }

    fn reason(self) -> SignInReason {
        self.decide().unwrap_err().reason()
    }
}

fn here() -> Attempt {
    attempt(active(), contact())
}

#[test]
fn the_right_password_opens_a_session_that_holds_both_epochs() {
    let signed_in = here().decide().unwrap();
    let SignedIn::Session {
        session,
        proof: Proof::Password(_),
    } = signed_in
    else {
        panic!("{signed_in:?}");
    };
    assert_eq!(session.account, account_id(1));
    assert_eq!(session.tenant, office());
    assert_eq!(session.security_epoch, active().security_epoch());
    assert_eq!(session.access_epoch.number(), 1);
    assert!(session.check(&active(), &membership(), NOW).is_ok());
}

/// ASVS 6.3.8: nobody is deduced from the message.
#[test]
fn every_refusal_has_one_text_for_whoever_asks() {
    let disabled = active()
        .disable(
            administrator(),
            DisabledReason::Person,
            Principal::System,
            NOW,
        )
        .unwrap()
        .0;
    let facts = SignInFacts {
        tenant: office(),
        channel: Channel::Portal,
        telephony: Telephony::NotOffered,
        known: None,
        credential: CredentialCheck::Password(PasswordCheck::Differs),
        access_key: AccessKeyCheck::NotPresented,
    };
    let unknown = decide_sign_in(facts, NOW).unwrap_err();
    assert_eq!(unknown.reason(), SignInReason::UnknownName);
    let refusals = [
        unknown,
        here().typing(OTHER).decide().unwrap_err(),
        attempt(disabled, contact()).decide().unwrap_err(),
        Attempt {
            membership: None,
            ..here()
        }
        .decide()
        .unwrap_err(),
        Attempt {
            gate: Gate::Stopped,
            ..here()
        }
        .decide()
        .unwrap_err(),
        Attempt {
            channel: Channel::Desktop,
            ..here()
        }
        .decide()
        .unwrap_err(),
    ];
    let texts: BTreeSet<String> = refusals.iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 1);
    let reasons: BTreeSet<&str> = refusals.iter().map(|r| r.reason().as_str()).collect();
    assert_eq!(reasons.len(), refusals.len());
}

/// Design 6: failures count; nothing else does.
#[test]
fn only_a_wrong_credential_counts_against_the_account() {
    let counts = |attempt: Attempt| attempt.decide().unwrap_err().counts_as();
    assert_eq!(counts(here().typing(OTHER)), Counts::Failure);
    let locked = Gate::Locked {
        until: NOW + Duration::MINUTE,
    };
    assert_eq!(
        counts(Attempt {
            gate: locked,
            ..here().typing(OTHER)
        }),
        Counts::Nothing
    );
    assert_eq!(
        counts(Attempt {
            membership: None,
            ..here()
        }),
        Counts::Nothing
    );
}

#[test]
fn a_locked_account_refuses_the_right_password_too() {
    let until = NOW + Duration::MINUTE;
    let locked = Attempt {
        gate: Gate::Locked { until },
        ..here()
    };
    assert_eq!(locked.reason(), SignInReason::Locked { until });
    let stopped = Attempt {
        gate: Gate::Stopped,
        ..here()
    };
    assert_eq!(stopped.reason(), SignInReason::Stopped);
}

/// HomeTrak: "Status must be set to Active in order for the user to be able to log in".
#[test]
fn a_status_other_than_active_closes_every_channel() {
    let reason = DisabledReason::Administrator;
    let disabled = activated()
        .disable(administrator(), reason, Principal::System, NOW)
        .unwrap()
        .0;
    for channel in [Channel::Desktop, Channel::Mobile, Channel::Portal] {
        let attempt = Attempt {
            channel,
            ..attempt(disabled.clone(), identity())
        };
        assert_eq!(
            attempt.reason(),
            SignInReason::Account {
                status: Status::Disabled
            }
        );
    }
}

#[test]
fn a_membership_must_be_active_and_inside_its_window() {
    let standing = MembershipStanding::Inactive;
    let inactive = Some(MembershipFacts {
        standing,
        ..membership()
    });
    let inactive = Attempt {
        membership: inactive,
        ..here()
    };
    assert_eq!(inactive.reason(), SignInReason::MembershipInactive);
    let elsewhere = Some(MembershipFacts {
        tenant: tenant(2),
        ..membership()
    });
    let elsewhere = Attempt {
        membership: elsewhere,
        ..here()
    };
    assert_eq!(elsewhere.reason(), SignInReason::NoMembership);
    let until = NOW + Duration::days(1);
    let window = Window::between(NOW, until).unwrap();
    let at = |now| {
        let membership = Some(MembershipFacts {
            window,
            ..membership()
        });
        Attempt {
            membership,
            now,
            ..here()
        }
    };
    assert!(at(until - Duration::MICROSECOND).decide().is_ok());
    assert_eq!(at(until).reason(), SignInReason::OutsideWindow);
    assert_eq!(
        at(NOW - Duration::MICROSECOND).reason(),
        SignInReason::OutsideWindow
    );
}

/// HomeTrak: "Only Identity accounts can log in to the HomeTrak Online interface."
#[test]
fn a_class_opens_its_own_channels_alone() {
    for channel in [Channel::Desktop, Channel::Mobile] {
        let attempt = Attempt { channel, ..here() };
        assert_eq!(attempt.reason(), SignInReason::Channel);
    }
    let mistaken = attempt(active(), identity());
    assert_eq!(
        mistaken.reason(),
        SignInReason::Channel,
        "a class that is not the account's"
    );
}

/// A HomeTrak standard account with the password [`OWN`].
fn standard_account() -> Account {
    let name = registration(Some("ana"));
    let account = Account::register_at_accept(name, &standard(), None, hashed(OWN), NOW);
    account.unwrap().0
}

/// HomeTrak: "Mobile app access only, requiring access keys".
#[test]
fn a_class_with_access_keys_opens_only_with_the_tenant_s_key() {
    let with = |access_key| Attempt {
        channel: Channel::Mobile,
        access_key,
        ..attempt(standard_account(), standard())
    };
    assert!(with(AccessKeyCheck::Matches).decide().is_ok());
    assert_eq!(
        with(AccessKeyCheck::NotPresented).reason(),
        SignInReason::AccessKey
    );
    assert_eq!(
        with(AccessKeyCheck::Differs).reason(),
        SignInReason::AccessKey
    );
}

/// HomeTrak: "the user is prompted to change the password the first time they log into the mobile
/// app".
#[test]
fn a_temporary_password_opens_setting_a_new_one_and_nothing_else() {
    let (hash, text) = temporary(&pending_standard(), 1);
    let account = pending_standard()
        .issue_temporary_password(administrator(), &standard(), hash, Handover::Mailed, NOW)
        .unwrap()
        .0;
    let at = |now| {
        let attempt = Attempt {
            channel: Channel::Mobile,
            access_key: AccessKeyCheck::Matches,
            now,
            ..attempt(account.clone(), standard())
        };
        attempt.typing(&text)
    };
    let end = NOW + Duration::hours(4);
    let just = at(end - Duration::MICROSECOND).decide().unwrap();
    assert!(matches!(just, SignedIn::NewPassword { .. }));
    assert_eq!(at(end).reason(), SignInReason::TemporaryExpired);
}

fn telephony(account: Account, mac: u8) -> Attempt {
    let check = account.verify_pin(&PinDigestInput::new([mac; 32]), PIN_KEY.into());
    Attempt {
        channel: Channel::Telephony,
        credential: Some(CredentialCheck::Pin(check)),
        ..attempt(account, identity())
    }
}

fn with_pin() -> Account {
    let hash = pin(&activated(), 1);
    let issued = activated().issue_pin(administrator(), &identity(), Telephony::Offered, hash, NOW);
    issued.unwrap().0
}

/// Design 6: the PIN "opens telephony alone".
#[test]
fn a_pin_opens_telephony_alone_and_telephony_takes_nothing_else() {
    let opened = telephony(with_pin(), 1).decide().unwrap();
    assert!(matches!(
        opened,
        SignedIn::Session {
            proof: Proof::Pin(_),
            ..
        }
    ));
    assert_eq!(telephony(with_pin(), 2).reason(), SignInReason::Credential);
    for channel in [Channel::Desktop, Channel::Mobile, Channel::Portal] {
        let attempt = Attempt {
            channel,
            ..telephony(with_pin(), 1)
        };
        assert_eq!(attempt.reason(), SignInReason::Credential);
    }
    let password = Attempt {
        channel: Channel::Telephony,
        ..attempt(with_pin(), identity())
    };
    assert_eq!(password.reason(), SignInReason::Credential);
}

#[test]
fn without_telephony_no_pin_is_accepted() {
    let attempt = Attempt {
        telephony: Telephony::NotOffered,
        ..telephony(with_pin(), 1)
    };
    assert_eq!(attempt.reason(), SignInReason::Channel);
}

#[test]
fn a_proof_of_another_account_or_an_earlier_epoch_opens_nothing() {
    let mut other = registration(None);
    other.id = account_id(2);
    let other = Account::register_at_accept(other, &contact(), None, hashed(OTHER), NOW);
    let check = other.unwrap().0.verify_password(&typed(OTHER), cost());
    let credential = Some(CredentialCheck::Password(check));
    assert_eq!(
        Attempt {
            credential,
            ..here()
        }
        .reason(),
        SignInReason::Credential
    );
    let early = CredentialCheck::Password(PasswordCheck::Matches(proof(&active(), OWN)));
    let current = proof(&active(), OWN);
    let changed = active()
        .change_password(&current, hashed(OTHER), NOW)
        .unwrap()
        .0;
    let attempt = Attempt {
        credential: Some(early),
        ..attempt(changed, contact())
    };
    assert_eq!(attempt.reason(), SignInReason::Credential);
}

/// Fail closed, and do not count a fault of the record against the person (ASVS 16.5.3).
#[test]
fn a_stored_hash_without_a_verdict_opens_nothing_and_counts_for_nothing() {
    let fault = doorward_identity::HashError::Malformed;
    for credential in [
        CredentialCheck::Password(PasswordCheck::Faulty(fault)),
        CredentialCheck::Pin(PinCheck::Faulty(fault)),
    ] {
        let refusal = Attempt {
            credential: Some(credential),
            ..here()
        }
        .decide()
        .unwrap_err();
        assert_eq!(refusal.reason(), SignInReason::Faulty);
        assert_eq!(refusal.counts_as(), Counts::Nothing);
    }
}
