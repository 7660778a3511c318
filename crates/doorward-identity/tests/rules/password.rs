//! The person's own password.

use doorward_identity::{
    Account, Blocklist, ContextWords, DisabledReason, DummyHash, PasswordCheck, PasswordCost,
    PasswordHash, PasswordPolicy, PasswordRejection, PasswordState, Rehash, Status, TicketRefusal,
    Verdict,
    account::{
        ChangePasswordRejection, ImportPasswordRejection, IssueResetRejection,
        ResetPasswordRejection, UpgradePasswordRejection,
    },
};
use doorward_types::{Principal, Purpose};
use secrecy::SecretString;
use time::Duration;

use crate::support::*;

fn matches(account: &Account, text: &str) -> bool {
    matches!(
        account.verify_password(&typed(text), cost()),
        PasswordCheck::Matches(_)
    )
}

/// ASVS 6.2.2, 6.2.3: "current + new".
#[test]
fn a_changed_password_ends_every_session_and_the_old_one() {
    let current = proof(&active(), OWN);
    let (account, events) = active()
        .change_password(&current, hashed(OTHER), NOW)
        .unwrap();
    assert_eq!(kinds(&events), ["password_changed"]);
    assert!(account.security_epoch() > active().security_epoch());
    assert!(matches(&account, OTHER) && !matches(&account, OWN));
}

#[test]
fn a_proof_is_good_for_one_account_as_it_stood() {
    let current = proof(&active(), OWN);
    let account = active()
        .change_password(&current, hashed(OTHER), NOW)
        .unwrap()
        .0;
    let again = account
        .clone()
        .change_password(&current, hashed(OWN), NOW)
        .unwrap_err();
    assert_eq!(again, ChangePasswordRejection::CurrentPassword);
    let mut registration = registration(None);
    registration.id = account_id(2);
    let another = Account::register_at_accept(registration, &contact(), None, hashed(OWN), NOW);
    let foreign = another
        .unwrap()
        .0
        .change_password(&current, hashed(OTHER), NOW)
        .unwrap_err();
    assert_eq!(foreign, ChangePasswordRejection::CurrentPassword);
}

/// ALIS: "send an Automatic password reset email".
#[test]
fn a_mailed_link_resets_the_password_once_and_signs_nobody_in() {
    let (ticket, token) = ticket(&active(), Purpose::PasswordReset, 1);
    let (account, events) = active().issue_reset(ticket).unwrap();
    assert_eq!(kinds(&events), ["password_reset_mailed"]);
    assert!(
        matches(&account, OWN),
        "asking changes nothing: anybody can ask"
    );
    assert_eq!(account.security_epoch(), active().security_epoch());
    let (account, events) = account.reset_password(&token, hashed(OTHER), NOW).unwrap();
    assert_eq!(kinds(&events), ["password_reset"]);
    assert!(events[0].lifts_lock() && events[0].is_told());
    assert!(matches(&account, OTHER) && !matches(&account, OWN));
    let again = account
        .reset_password(&token, hashed(OWN), NOW)
        .unwrap_err();
    assert_eq!(
        again,
        ResetPasswordRejection::Ticket(TicketRefusal::Unusable)
    );
}

/// A reset never activates a pending account nor opens a disabled one.
#[test]
fn a_reset_is_refused_outside_an_active_account() {
    let (ticket, token) = ticket(&active(), Purpose::PasswordReset, 1);
    let refused = pending().issue_reset(ticket).unwrap_err();
    assert_eq!(
        refused,
        IssueResetRejection::NotActive {
            status: Status::Pending
        }
    );
    let account = active().issue_reset(ticket).unwrap().0;
    let reason = DisabledReason::Administrator;
    let disabled = account
        .disable(administrator(), reason, Principal::System, NOW)
        .unwrap()
        .0;
    let unusable = ResetPasswordRejection::Ticket(TicketRefusal::Unusable);
    let refused = disabled
        .clone()
        .reset_password(&token, hashed(OTHER), NOW)
        .unwrap_err();
    assert_eq!(refused, unusable);
    let restored = disabled.restore(administrator()).unwrap().0;
    let refused = restored
        .reset_password(&token, hashed(OTHER), NOW)
        .unwrap_err();
    assert_eq!(refused, unusable, "disabling has ended the link for good");
}

/// Design 6: "the new address proves itself ... before it receives resets".
#[test]
fn a_reset_is_never_mailed_to_an_unproved_address() {
    let (hash, text) = temporary(&pending_standard(), 1);
    let handover = doorward_identity::Handover::Shown;
    let account = pending_standard()
        .issue_temporary_password(administrator(), &standard(), hash, handover, NOW)
        .unwrap()
        .0;
    let (new, token) = ticket(&account, Purpose::NewPassword, 1);
    let proof = proof(&account, &text);
    let account = account
        .redeem_temporary_password(&proof, new.generation, new.digest, NOW)
        .unwrap()
        .0;
    let account = account
        .set_new_password(&token, hashed(OWN), NOW)
        .unwrap()
        .0;
    assert_eq!(account.status(), Status::Active);
    let (reset, _) = ticket(&account, Purpose::PasswordReset, 1);
    assert_eq!(
        account.issue_reset(reset).unwrap_err(),
        IssueResetRejection::Unverified
    );
}

#[test]
fn a_reset_link_expires_at_its_microsecond() {
    let (ticket, token) = ticket(&active(), Purpose::PasswordReset, 1);
    let account = active().issue_reset(ticket).unwrap().0;
    let end = ticket.expires_at;
    let reset = |now| {
        account
            .clone()
            .reset_password(&token, hashed(OTHER), now)
            .map(|_| ())
    };
    assert_eq!(reset(end - Duration::MICROSECOND), Ok(()));
    assert_eq!(
        reset(end),
        Err(ResetPasswordRejection::Ticket(TicketRefusal::Expired))
    );
}

/// ASVS 11.4.2.
#[test]
fn a_taken_over_hash_verifies_and_is_upgraded_without_ending_sessions() {
    let django = "pbkdf2_sha256$1000$c2FsdA$";
    let imported =
        PasswordHash::new("$2b$05$8zet5MRsJE8vp9WNWrIiZOuE4Rmc1XNE/OJPSby5vTNMiLosEJM9G");
    assert!(PasswordHash::new(django).is_ok());
    let (account, events) = pending().import_password(imported.unwrap(), NOW).unwrap();
    assert_eq!(kinds(&events), ["password_imported"]);
    let current = proof(&account, OWN);
    assert_eq!(current.rehash(), Rehash::Due);
    let (upgraded, events) = account
        .clone()
        .upgrade_password(&current, &typed(OWN), cost(), [8; 16])
        .unwrap();
    assert_eq!(kinds(&events), ["password_upgraded"]);
    assert_eq!(upgraded.security_epoch(), account.security_epoch());
    assert_eq!(proof(&upgraded, OWN).rehash(), Rehash::NotDue);
}

/// The text must be the one that was proved: a rehash is no way to set a password.
#[test]
fn an_upgrade_with_another_text_than_the_one_proved_is_refused() {
    let current = proof(&active(), OWN);
    let refused = active().upgrade_password(&current, &typed(OTHER), cost(), [8; 16]);
    assert_eq!(
        refused.unwrap_err(),
        UpgradePasswordRejection::CurrentPassword
    );
}

#[test]
fn an_import_replaces_no_password() {
    let hash = PasswordHash::new("$2b$05$8zet5MRsJE8vp9WNWrIiZO").unwrap();
    let refused = active().import_password(hash, NOW).unwrap_err();
    assert_eq!(refused, ImportPasswordRejection::HasPassword);
    assert!(matches!(active().password(), PasswordState::Chosen { set_at } if set_at == NOW));
}

#[test]
fn a_hash_below_the_present_cost_is_due_for_a_new_one() {
    assert_eq!(proof(&active(), OWN).rehash(), Rehash::NotDue);
    match active().verify_password(&typed(OWN), PasswordCost::owasp()) {
        PasswordCheck::Matches(proof) => assert_eq!(proof.rehash(), Rehash::Due),
        other => panic!("{other:?}"),
    }
}

/// NIST SP 800-63B-4 3.1.1.2: NFC, so that two keyboards type one password.
#[test]
fn two_spellings_of_one_text_are_one_password() {
    let composed = "contrase\u{f1}a de mi abuela";
    let decomposed = "contrasen\u{303}a de mi abuela";
    let current = proof(&active(), OWN);
    let account = active()
        .change_password(&current, hashed(composed), NOW)
        .unwrap()
        .0;
    assert!(matches(&account, decomposed));
    assert!(
        !matches(&account, &composed.to_uppercase()),
        "letter case counts"
    );
}

/// ASVS 6.3.8.
#[test]
fn a_dummy_hash_never_matches() {
    let dummy = DummyHash::new([1; 32], cost(), [2; 16]).unwrap();
    assert_eq!(dummy.verify(&typed(OWN)), Verdict::Differs);
    assert_eq!(dummy.verify(&typed("")), Verdict::Differs);
}

fn check(text: &str) -> Result<(), PasswordRejection> {
    let context = ContextWords::new(["Sunnyvale Care", "ana.ruiz@example.org", "Kalix"]);
    let list = Blocklist::bundled().unwrap();
    let text = SecretString::from(text);
    PasswordPolicy::only_factor()
        .check(&text, &context, &list)
        .map(|_| ())
}

/// NIST SP 800-63B-4 3.1.1.2: "at least 15", "each Unicode code point shall be counted".
#[test]
fn length_is_counted_in_characters_at_both_ends() {
    let letters = |count: usize| "zq;w9 жł".chars().cycle().take(count).collect::<String>();
    assert_eq!(
        check(&letters(14)),
        Err(PasswordRejection::TooShort { chars: 14, min: 15 })
    );
    assert_eq!(check(&letters(15)), Ok(()));
    assert_eq!(check(&letters(127)), Ok(()));
    let too_long = PasswordRejection::TooLong {
        chars: 129,
        max: 128,
    };
    assert_eq!(check(&letters(129)), Err(too_long));
    let policy = PasswordPolicy::with_second_factor();
    let eight = SecretString::from(letters(8));
    assert!(
        policy
            .check(&eight, &ContextWords::default(), &Blocklist::empty())
            .is_ok()
    );
    assert!(policy.with_max_chars(63).is_err());
    assert!(policy.with_max_chars(64).is_ok());
}

/// NIST SP 800-63B-4: no composition rules at all.
#[test]
fn any_mix_of_letters_blanks_and_signs_is_accepted() {
    for text in [
        "alllowercaseletters",
        "    spaces    are   fine   ",
        "1847 2093 5561 7720",
        "пароль из четырёх слов",
        "🦊🐙🦉🐢🦀🐝🦋🐌🐞🦗🦂🐍🦎🐸🐊",
    ] {
        assert_eq!(check(text), Ok(()), "{text}");
    }
    assert_eq!(
        check("line\nbreaks are not typed"),
        Err(PasswordRejection::Characters)
    );
}

#[test]
fn repetitions_of_something_short_or_common_are_common() {
    for text in [
        "aaaaaaaaaaaaaaaaaaaa",
        "abc1abc1abc1abc1",
        "passwordpassword",
        "QWERTYqwertyQWERTY",
    ] {
        let answer = check(&text.to_lowercase());
        assert_eq!(answer, Err(PasswordRejection::Common), "{text}");
    }
}

/// NIST SP 800-63B-4, ASVS 6.2.11: context words.
#[test]
fn a_password_made_of_known_names_is_refused_and_one_that_only_holds_one_is_not() {
    for text in [
        "SunnyvaleCare2026!",
        "ana.ruiz@example.org",
        "kalix-kalix-kalix",
        "AnaRuizKalix1234",
    ] {
        assert_eq!(check(text), Err(PasswordRejection::Context), "{text}");
    }
    assert_eq!(check("why kalix runs on tuesdays"), Ok(()));
}
