//! Stored hashes, ours and other systems', against vectors with a stated expectation.
#![expect(
    clippy::unwrap_used,
    reason = "a vector that cannot be read fails the test"
)]

use argon2::{Algorithm, Argon2, AssociatedData, ParamsBuilder, Version};
use doorward_identity::{
    HashError, HashMemory, PasswordCost, PasswordHash, Rehash, TypedPassword, Verdict,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Argon2Vectors {
    rfc9106_section5: Vec<Rfc9106>,
    phc_test_c: Vec<Reference>,
    phc_negative: Vec<Negative>,
}

#[derive(Deserialize)]
struct Rfc9106 {
    alg: String,
    version: u32,
    t: u32,
    m_kib: u32,
    p: u32,
    password_hex: String,
    salt_hex: String,
    secret_hex: String,
    ad_hex: String,
    tag_hex: String,
}

#[derive(Deserialize)]
struct Reference {
    m_kib: u32,
    password: String,
    encoded: String,
}

#[derive(Deserialize)]
struct Negative {
    encoded: String,
    password: String,
    expect: String,
}

#[derive(Deserialize)]
struct Foreign {
    scheme: String,
    password: String,
    hash: String,
    verifies: bool,
}

fn argon2_vectors() -> Argon2Vectors {
    serde_json::from_str(include_str!("data/argon2_reference_kats.json")).unwrap()
}

fn foreign() -> Vec<Foreign> {
    serde_json::from_str(include_str!("data/foreign_password_hashes.json")).unwrap()
}

fn verify(hash: &str, password: &str) -> Result<Verdict, HashError> {
    PasswordHash::new(hash)
        .unwrap()
        .verify(&TypedPassword::new(password.to_owned()))
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().collect();
    let pairs = digits.chunks(2).map(|pair| pair.iter().collect::<String>());
    pairs
        .map(|pair| u8::from_str_radix(&pair, 16).unwrap())
        .collect()
}

/// RFC 9106 section 5: the primitive under our hashes, with key and associated data.
#[test]
fn the_primitive_gives_the_tags_of_rfc_9106() {
    let vectors = argon2_vectors().rfc9106_section5;
    assert_eq!(vectors.len(), 4);
    for vector in vectors {
        let params = ParamsBuilder::new()
            .m_cost(vector.m_kib)
            .t_cost(vector.t)
            .p_cost(vector.p)
            .data(AssociatedData::new(&unhex(&vector.ad_hex)).unwrap())
            .build()
            .unwrap();
        let secret = unhex(&vector.secret_hex);
        let argon2 = Argon2::new_with_secret(
            &secret,
            Algorithm::new(&vector.alg).unwrap(),
            Version::try_from(vector.version).unwrap(),
            params,
        );
        let mut tag = [0; 32];
        let (password, salt) = (unhex(&vector.password_hex), unhex(&vector.salt_hex));
        argon2
            .unwrap()
            .hash_password_into(&password, &salt, &mut tag)
            .unwrap();
        assert_eq!(
            tag.to_vec(),
            unhex(&vector.tag_hex),
            "{} {}",
            vector.alg,
            vector.version
        );
    }
}

/// Difference from the vectors' own expectation: those of 1 GiB verify there and are refused here,
/// because stored parameters are capped at 256 MiB.
#[test]
fn the_reference_hashes_verify_up_to_the_caps() {
    let vectors = argon2_vectors().phc_test_c;
    assert_eq!(vectors.len(), 26);
    let mut refused = 0;
    for vector in vectors {
        let answer = verify(&vector.encoded, &vector.password);
        if vector.m_kib > 256 * 1024 {
            refused += 1;
            assert_eq!(answer, Err(HashError::TooCostly), "{}", vector.encoded);
        } else {
            assert_eq!(answer, Ok(Verdict::Matches), "{}", vector.encoded);
        }
        if vector.m_kib == 256 {
            assert_eq!(verify(&vector.encoded, "Password"), Ok(Verdict::Differs));
        }
    }
    assert_eq!(refused, 2);
}

/// Versions, algorithms and sizes in turn, each in the blocks that the one before has filled.
#[test]
fn what_an_earlier_hash_left_in_the_memory_changes_no_verdict() {
    let vectors = argon2_vectors().phc_test_c;
    let mut memory = HashMemory::new();
    for vector in vectors.iter().filter(|vector| vector.m_kib <= 64 * 1024) {
        let hash = PasswordHash::new(&vector.encoded).unwrap();
        for (typed, expected) in [
            (vector.password.as_str(), Verdict::Matches),
            ("another password altogether", Verdict::Differs),
        ] {
            let answer = hash.verify_in(&TypedPassword::new(typed.to_owned()), &mut memory);
            assert_eq!(answer, Ok(expected), "{}", vector.encoded);
        }
    }
}

#[test]
fn malformed_reference_hashes_are_told_from_wrong_passwords() {
    for vector in argon2_vectors().phc_negative {
        let answer = verify(&vector.encoded, &vector.password);
        let expected = match vector.expect.as_str() {
            "mismatch" => Ok(Verdict::Differs),
            _ => Err(HashError::Malformed),
        };
        assert_eq!(answer, expected, "{}", vector.encoded);
    }
}

/// Difference from the vectors' own expectation: `md5` verifies there and is refused here, because
/// whoever has such a record has the password.
#[test]
fn every_hash_of_another_system_verifies_or_is_named_unsupported() {
    let vectors = foreign();
    assert_eq!(vectors.len(), 50);
    for vector in vectors {
        assert!(
            vector.verifies,
            "a negative vector needs its own expectation"
        );
        let answer = verify(&vector.hash, &vector.password);
        if vector.scheme == "md5" {
            assert_eq!(answer, Err(HashError::UnsupportedScheme));
            continue;
        }
        assert_eq!(
            answer,
            Ok(Verdict::Matches),
            "{} {}",
            vector.scheme,
            vector.hash
        );
        let wrong = verify(&vector.hash, "another password altogether");
        assert_eq!(
            wrong,
            Ok(Verdict::Differs),
            "{} {}",
            vector.scheme,
            vector.hash
        );
    }
}

/// ASVS 11.4.2: an old scheme or cost is replaced while the password is at hand.
#[test]
fn every_scheme_but_present_argon2id_is_due_for_a_rehash() {
    let present = PasswordCost::owasp();
    for vector in foreign() {
        let rehash = PasswordHash::new(&vector.hash).unwrap().rehash(present);
        let strong = vector.hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
            || vector.hash.starts_with("$argon2id$v=19$m=65536,t=3,p=1$");
        let salt = vector.hash.split('$').nth(4).unwrap_or_default();
        let expected = if strong && salt.len() >= 22 {
            Rehash::NotDue
        } else {
            Rehash::Due
        };
        assert_eq!(rehash, expected, "{} {}", vector.scheme, vector.hash);
    }
}

/// Found by fuzzing: such a text verifies nothing, and was not due.
#[test]
fn an_argon2_hash_after_other_text_is_refused_and_due_for_a_rehash() {
    let hash = foreign()
        .into_iter()
        .find(|vector| vector.hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"))
        .unwrap()
        .hash;
    let present = PasswordCost::owasp();
    let rehash = |text: &str| PasswordHash::new(text).unwrap().rehash(present);
    assert_eq!(rehash(&hash), Rehash::NotDue);
    assert_eq!(rehash(&format!("argon2{hash}")), Rehash::NotDue);
    for before in ["-", "bcrypt", "argon2argon2"] {
        let text = format!("{before}{hash}");
        assert_eq!(rehash(&text), Rehash::Due, "{text}");
        assert!(verify(&text, "correct horse battery staple").is_err());
    }
}

/// Whoever can edit a record must not be able to exhaust the host with it.
#[test]
fn stored_parameters_beyond_the_caps_are_refused_before_anything_is_computed() {
    for hash in [
        "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=64,t=4294967295,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2id$v=19$m=65536,t=2,p=17$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$2b$31$8zet5MRsJE8vp9WNWrIiZOuE4Rmc1XNE/OJPSby5vTNMiLosEJM9G",
        "pbkdf2_sha256$4000000000$JRJ7NTQ1VmQY81M0RoYsmL$d+ceVoXlCodX84po0FKWtgA6QeottW3E+bfSmwWGRHg=",
        "$scrypt$ln=30,r=8,p=1$x1jrXUtJyVmLMQZACIHwXg$fqEF3fpwLllWRqM9DIAT8s38DYw1EBXoIVzBcnYSmkg",
        "$scrypt$ln=63,r=4294967295,p=1$x1jrXUtJyVmLMQZACIHwXg$fqEF3fpwLllWRqM9DIAT8s38DYw1EBXoIVzBcnYSmkg",
        "$scrypt$ln=64,r=8,p=1$x1jrXUtJyVmLMQZACIHwXg$fqEF3fpwLllWRqM9DIAT8s38DYw1EBXoIVzBcnYSmkg",
        "$6$rounds=999999999$QkA1k8PehjlmwhYR$YzKf0loDyzjkTmu3S8MZPYFxW5UUBjalS9kI1NkrS4TVttlJpRYgDUSfHbTzpueuQ9rYscVJ7L5N7NfuFYqsb1",
    ] {
        assert_eq!(
            verify(hash, "password"),
            Err(HashError::TooCostly),
            "{hash}"
        );
    }
}

#[test]
fn a_hash_cut_anywhere_never_matches_and_never_panics() {
    for vector in foreign()
        .iter()
        .filter(|vector| !vector.hash.contains("1000000$"))
    {
        for len in (1..vector.hash.len()).filter(|len| len % 7 == 0) {
            let Some(cut) = vector.hash.get(..len) else {
                continue;
            };
            assert_ne!(verify(cut, &vector.password), Ok(Verdict::Matches), "{cut}");
        }
    }
}

#[test]
fn an_empty_and_an_endless_password_are_only_wrong() {
    for vector in foreign()
        .iter()
        .filter(|vector| vector.scheme.starts_with("bcrypt 2"))
    {
        assert_eq!(verify(&vector.hash, ""), Ok(Verdict::Differs));
        assert_eq!(
            verify(&vector.hash, &"a".repeat(100_000)),
            Ok(Verdict::Differs)
        );
    }
    let ours =
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    assert_eq!(verify(ours, ""), Ok(Verdict::Differs));
    assert_eq!(verify(ours, &"a".repeat(100_000)), Ok(Verdict::Differs));
}
