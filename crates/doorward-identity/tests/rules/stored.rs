//! What is stored stays readable: committed bodies of every status.

use doorward_identity::{
    AccessKey, AccessKeyText, Account, AccountClass, Authority, DisabledReason, Handover,
    PinCounter, Skeleton, Telephony, Throttle,
};
use doorward_types::{Generation, Principal, Purpose};
use serde::{Serialize, de::DeserializeOwned};

use crate::support::*;

fn pending_with_mail() -> Account {
    let (ticket, _) = ticket(&pending(), Purpose::Activation, 1);
    pending()
        .issue_activation(administrator(), &identity(), ticket)
        .unwrap()
        .0
}

fn active_with_everything() -> Account {
    let hash = pin(&activated(), 1);
    let account = activated()
        .issue_pin(administrator(), &identity(), Telephony::Offered, hash, NOW)
        .unwrap()
        .0;
    let (proof, _) = ticket(&account, Purpose::AddressProof, 1);
    let (stop, _) = ticket(&account, Purpose::AddressStop, 2);
    let new = mail("new@example.org");
    account
        .request_address_change(Authority::Person, new, proof, stop, NOW)
        .unwrap()
        .0
}

fn disabled_with_temporary_password() -> Account {
    let (hash, _) = temporary(&active(), 1);
    let account = active()
        .issue_temporary_password(administrator(), &contact(), hash, Handover::Mailed, NOW)
        .unwrap()
        .0;
    let by = Principal::Account {
        account: account_id(2),
        membership: membership_id(),
    };
    account
        .disable(administrator(), DisabledReason::Administrator, by, NOW)
        .unwrap()
        .0
}

fn bodies() -> Vec<(&'static str, String)> {
    fn body(value: &impl Serialize) -> String {
        serde_json::to_string_pretty(value).unwrap() + "\n"
    }
    let closed = active().close(administrator(), NOW).unwrap().0;
    let erased = closed.clone().erase(NOW).unwrap().0;
    let throttle = (0..6).fold(Throttle::default(), |throttle, _| throttle.fail(NOW));
    let key = AccessKey::make(office(), &AccessKeyText::from_random([9; 32]), NOW).0;
    vec![
        ("account_pending", body(&pending_with_mail())),
        ("account_active", body(&active_with_everything())),
        (
            "account_disabled",
            body(&disabled_with_temporary_password()),
        ),
        ("account_closed", body(&closed)),
        ("account_erased", body(&erased)),
        ("class", body(&standard())),
        ("access_key", body(&key)),
        (
            "pin_counter",
            body(&PinCounter::default().fail(Generation::FIRST)),
        ),
        ("skeleton", body(&Skeleton::Ascii { count: 2 })),
        ("throttle", body(&throttle)),
    ]
}

fn path(name: &str) -> String {
    format!(
        "{}/tests/data/stored/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    )
}

#[test]
fn every_stored_body_is_written_as_it_was_committed() {
    for (name, body) in bodies() {
        assert_eq!(body, std::fs::read_to_string(path(name)).unwrap(), "{name}");
    }
}

#[test]
fn every_committed_body_is_read_back_as_it_was() {
    fn same<T: DeserializeOwned + Serialize>(text: &str) -> bool {
        let value: T = serde_json::from_str(text).unwrap();
        serde_json::to_string_pretty(&value).unwrap() + "\n" == text
    }
    let folder = std::fs::read_dir(path("").replace(".json", "")).unwrap();
    let mut count = 0;
    for file in folder {
        let file = file.unwrap().path();
        let body = std::fs::read_to_string(&file).unwrap();
        let read = match file.file_stem().and_then(|stem| stem.to_str()) {
            Some("class") => same::<AccountClass>(&body),
            Some("access_key") => same::<AccessKey>(&body),
            Some("pin_counter") => same::<PinCounter>(&body),
            Some("skeleton") => same::<Skeleton>(&body),
            Some("throttle") => same::<Throttle>(&body),
            _ => same::<Account>(&body),
        };
        assert!(read, "{}", file.display());
        count += 1;
    }
    assert_eq!(count, bodies().len());
}

/// ASVS 16.2.5.
#[test]
fn debug_output_shows_no_secret_and_no_personal_data() {
    let accounts = [
        pending_with_mail(),
        active_with_everything(),
        disabled_with_temporary_password(),
    ];
    for account in accounts {
        let shown = format!(
            "{account:?} {:?}",
            doorward_identity::account_claims(&account)
        );
        for hidden in ["argon2", "ana@example.org", "new@example.org", "Ana Ruiz"] {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
    }
}

/// A body of the first version lacks what came later; what may be missing has its default.
#[test]
fn a_body_without_the_optional_fields_is_read() {
    let json = format!(
        r#"{{"id":"{}","security_epoch":1,"state":{{"active":{{"profile":{{"class":"user",
        "name":"Ana","address":{{"unverified":{{"address":"ana@example.org"}}}},
        "registered_at":"2026-11-22T10:00:00Z"}}}}}}}}"#,
        account_id(1)
    );
    let account: Account = serde_json::from_str(&json).unwrap();
    assert_eq!(account.managed_by(), None);
    assert_eq!(
        account.next_generation(Purpose::Activation),
        Generation::FIRST
    );
}

/// Stored values are parsed again: a body edited by hand makes no illegal state.
#[test]
fn a_body_with_an_illegal_value_is_refused() {
    let good = serde_json::to_string(&active_with_everything()).unwrap();
    for (from, to) in [
        ("ana@example.org", "nobody"),
        ("\"identity\"", "\"two words\""),
        ("$argon2id", "\\u0000argon2id"),
        ("0707070707070707", "07"),
    ] {
        assert!(good.contains(from), "{from}");
        let bad = good.replace(from, to);
        assert!(serde_json::from_str::<Account>(&bad).is_err(), "{to}");
    }
}

/// Secrets are nowhere in what is stored.
#[test]
fn no_stored_body_holds_a_secret() {
    let (_, text) = temporary(&active(), 1);
    for (name, body) in bodies() {
        for secret in [OWN, OTHER, &text, &text.replace('-', "")] {
            assert!(!body.contains(secret), "{name}");
        }
    }
}
