//! Stored password hashes, ours and other systems'.

use doorward_identity::{HashError, PasswordCost, PasswordHash, Rehash, TypedPassword, Verdict};

use crate::{
    hash_cost::{Cost, cost_of},
    law::{json_back, text},
};

/// Whatever stands where a hash should, verifying it gives a verdict or says why there is none; one
/// password matches and another does not; parameters above the caps are refused before anything is
/// computed; nothing of it is shown.
///
/// The first line is the password, the second the hash. What is within the caps and yet takes more
/// than some milliseconds is left out, so that a run tries many texts and not few.
///
/// # Panics
/// Where a law does not hold.
pub fn foreign_hash(bytes: &[u8]) {
    let Some((password, stored)) = text(bytes).and_then(|typed| typed.split_once('\n')) else {
        return;
    };
    let Ok(hash) = PasswordHash::new(stored) else {
        let printable = stored.bytes().all(|byte| byte.is_ascii_graphic());
        assert!(stored.is_empty() || stored.len() > 512 || !printable);
        return;
    };
    assert_eq!(format!("{hash:?}"), "PasswordHash([redacted])");
    json_back(&hash);
    let ours = ["$argon2id$v=19$", "argon2$argon2id$v=19$"];
    if !ours.iter().any(|prefix| stored.starts_with(prefix)) {
        let rehash = hash.rehash(PasswordCost::for_tests());
        assert_eq!(rehash, Rehash::Due, "what is no argon2id is made anew");
    }
    match cost_of(stored) {
        Cost::High => {}
        Cost::Low => judged(&hash, password),
        Cost::AboveTheCaps => {
            let refused = verify(&hash, password);
            assert!(refused.is_err(), "`{stored}` is refused, not {refused:?}");
        }
    }
}

fn judged(hash: &PasswordHash, password: &str) {
    let verdict = verify(hash, password);
    match verdict {
        Ok(Verdict::Matches) => {
            // It differs in its first letter: bcrypt reads 72 bytes alone.
            let mut letters = password.chars();
            let first = if letters.next() == Some('x') {
                'y'
            } else {
                'x'
            };
            let other = format!("{first}{}", letters.as_str());
            assert_eq!(verify(hash, &other), Ok(Verdict::Differs), "one password");
            assert_eq!(verify(hash, password), verdict, "a verdict stands");
        }
        Ok(Verdict::Differs) => {}
        // Nobody signs in by a record that cannot be used, whatever is typed.
        Err(fault) => {
            assert_ne!(fault, HashError::OutOfMemory, "cheap ones fit in memory");
            assert_eq!(verify(hash, "password"), verdict, "a fault of the record");
        }
    }
}

fn verify(hash: &PasswordHash, password: &str) -> Result<Verdict, HashError> {
    hash.verify(&TypedPassword::new(password.to_owned()))
}
