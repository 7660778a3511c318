//! What verifying a stored hash takes, read from its text a second time.

use base64ct::{Base64, Encoding};

/// How dear a text is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cost {
    /// Some milliseconds at most; also where nothing is computed for another reason.
    Low,
    /// Within the caps, and too slow to try many.
    High,
    /// More than the caps: nothing may be computed.
    AboveTheCaps,
}

pub(crate) fn cost_of(stored: &str) -> Cost {
    let stored = stored
        .strip_prefix("argon2")
        .filter(|rest| rest.starts_with("$argon2"))
        .unwrap_or(stored);
    let field = |at: usize| stored.split('$').nth(at).unwrap_or_default();
    if stored.starts_with("$argon2") {
        let params = field(if field(2).starts_with("v=") { 3 } else { 2 });
        return argon2(params);
    }
    for prefix in ["bcrypt_sha256$", "bcrypt$", ""] {
        if let Some(rest) = stored.strip_prefix(prefix)
            && rest.starts_with("$2")
        {
            return within(number(rest.split('$').nth(2)), 5, 14);
        }
    }
    if stored.starts_with("pbkdf2_sha256$") || stored.starts_with("pbkdf2_sha1$") {
        return rounds(number(Some(field(1))));
    }
    if stored.starts_with("$pbkdf2-sha256$") {
        return rounds(number(Some(field(2))));
    }
    if stored.starts_with("scrypt$") {
        let n = field(1).parse().ok();
        return scrypt(n, number(Some(field(3))), number(Some(field(4))));
    }
    if stored.starts_with("$scrypt$") {
        let mut params = field(2).split(',');
        let mut param = |name| number(params.next().and_then(|it| it.strip_prefix(name)));
        let (log_n, r, p) = (param("ln="), param("r="), param("p="));
        return scrypt(log_n.and_then(power), r, p);
    }
    if let Some(setting) = stored.strip_prefix("$7$") {
        let letters = |from, to| setting.get(from..to).and_then(crypt_number);
        let log_n = letters(0, 1);
        return scrypt(log_n.and_then(power), letters(1, 6), letters(6, 11));
    }
    if stored.starts_with("$6$") {
        // Without a number there are 5,000.
        return match field(2).strip_prefix("rounds=") {
            Some(rounds) => within(number(Some(rounds)), 5_000, 1_000_000),
            None => Cost::Low,
        };
    }
    if stored.contains('$') {
        return Cost::Low;
    }
    aspnet(stored)
}

/// `None` is a number that cannot be read: nothing is computed.
fn within(found: Option<u64>, low: u64, cap: u64) -> Cost {
    match found {
        Some(found) if found > cap => Cost::AboveTheCaps,
        Some(found) if found > low => Cost::High,
        Some(_) | None => Cost::Low,
    }
}

fn rounds(found: Option<u64>) -> Cost {
    within(found, 1_000, 2_000_000)
}

fn argon2(params: &str) -> Cost {
    let mut params = params.split(',');
    let mut param = |name| number(params.next().and_then(|it| it.strip_prefix(name)));
    let (Some(memory_kib), Some(passes), Some(lanes)) = (param("m="), param("t="), param("p="))
    else {
        return Cost::Low;
    };
    if memory_kib > 256 * 1024 || passes > 10 || lanes > 16 {
        return Cost::AboveTheCaps;
    }
    within(Some(memory_kib * passes), 1_024, u64::MAX)
}

fn scrypt(n: Option<u64>, r: Option<u64>, p: Option<u64>) -> Cost {
    let (Some(n), Some(r), Some(p)) = (n, r, p) else {
        return Cost::Low;
    };
    let block = n.saturating_mul(r);
    let work = block.saturating_mul(p);
    if block.saturating_mul(128) > 256 * 1024 * 1024 {
        return Cost::AboveTheCaps;
    }
    within(Some(work), 8 * 1_024, 1 << 22)
}

/// The rounds are the second of the numbers after the first byte.
fn aspnet(stored: &str) -> Cost {
    let bytes = Base64::decode_vec(stored).unwrap_or_default();
    match bytes.split_first_chunk::<9>() {
        Some((&[1, _, _, _, _, a, b, c, d], _)) => {
            rounds(Some(u32::from_be_bytes([a, b, c, d]).into()))
        }
        _ => Cost::Low,
    }
}

/// A number of 32 bits, as the record's reader takes it.
fn number(text: Option<&str>) -> Option<u64> {
    text?.parse::<u32>().ok().map(u64::from)
}

/// What does not fit is more than any cap.
fn power(log: u64) -> Option<u64> {
    let log = u32::try_from(log).unwrap_or(u32::MAX);
    Some(1_u64.checked_shl(log).unwrap_or(u64::MAX))
}

/// A number in the letters of crypt, the lowest bits first.
fn crypt_number(text: &str) -> Option<u64> {
    const LETTERS: &str = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    let mut places = text.chars().rev().map(|letter| LETTERS.find(letter));
    let number = places.try_fold(0_u32, |number, place| {
        Some((number << 6) | u32::try_from(place?).ok()?)
    });
    number.map(u64::from)
}
