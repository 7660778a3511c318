//! The policy for new passwords, and the proof that one passed it.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::{
    blocklist::{Blocklist, fold},
    cost::PasswordCost,
    hash::{HashError, HashedPassword, PasswordHash, SALT_LEN},
    opaque,
};

/// What a new password must be (NIST SP 800-63B-4 3.1.1.2): long enough, not too long, no control
/// characters, none that everybody tries first. There are no rules of composition, no expiry, no
/// hints and no questions.
///
/// ```
/// use doorward_identity::{Blocklist, ContextWords, PasswordPolicy, PasswordRejection};
/// use secrecy::SecretString;
/// let (policy, list) = (PasswordPolicy::only_factor(), Blocklist::bundled()?);
/// let context = ContextWords::new(["Sunnyvale", "ana@example.org"]);
/// let check = |text: &str| policy.check(&SecretString::from(text), &context, &list);
/// assert!(check("correct horse battery staple").is_ok());
/// assert_eq!(check("short").unwrap_err(), PasswordRejection::TooShort { chars: 5, min: 15 });
/// assert_eq!(check("Sunnyvale-Sunnyvale").unwrap_err(), PasswordRejection::Context);
/// # Ok::<(), doorward_identity::BlocklistError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PasswordPolicy {
    min_chars: usize,
    max_chars: usize,
}

impl PasswordPolicy {
    /// Returns the policy for a password that alone opens an account: 15 to 128 characters.
    #[must_use]
    pub const fn only_factor() -> Self {
        Self {
            min_chars: 15,
            max_chars: 128,
        }
    }

    /// Returns the policy for a password that never opens an account without a second factor: 8 to
    /// 128 characters.
    #[must_use]
    pub const fn with_second_factor() -> Self {
        Self {
            min_chars: 8,
            max_chars: 128,
        }
    }

    /// Returns the policy with another longest password.
    ///
    /// # Errors
    /// [`PolicyError`] below 64 characters (NIST SP 800-63B-4) or above 1,000.
    pub const fn with_max_chars(self, max_chars: usize) -> Result<Self, PolicyError> {
        if max_chars < 64 || max_chars > 1_000 {
            return Err(PolicyError);
        }
        Ok(Self { max_chars, ..self })
    }

    /// Checks a password that a person chose.
    ///
    /// # Errors
    /// [`PasswordRejection`] says which rule refused it.
    pub fn check(
        &self,
        text: &SecretString,
        context: &ContextWords,
        blocklist: &Blocklist,
    ) -> Result<NewPassword, PasswordRejection> {
        let text = text.expose_secret();
        // No more is looked at than four bytes a character.
        if text.len() > self.max_chars.saturating_mul(4) {
            let (chars, max) = (text.chars().count(), self.max_chars);
            return Err(PasswordRejection::TooLong { chars, max });
        }
        if text.is_empty() {
            return Err(PasswordRejection::TooShort {
                chars: 0,
                min: self.min_chars,
            });
        }
        let prepared = opaque::prepare(text).ok_or(PasswordRejection::Characters)?;
        let text = prepared.expose_secret();
        let chars = text.chars().count();
        if chars < self.min_chars {
            return Err(PasswordRejection::TooShort {
                chars,
                min: self.min_chars,
            });
        }
        if chars > self.max_chars {
            return Err(PasswordRejection::TooLong {
                chars,
                max: self.max_chars,
            });
        }
        if blocklist.contains(text) || repeats_a_common_one(text, blocklist) {
            return Err(PasswordRejection::Common);
        }
        if context.makes_up(text) {
            return Err(PasswordRejection::Context);
        }
        Ok(NewPassword(prepared))
    }

    /// Returns the fewest characters it accepts.
    #[must_use]
    pub const fn min_chars(&self) -> usize {
        self.min_chars
    }

    /// Returns the most characters it accepts.
    #[must_use]
    pub const fn max_chars(&self) -> usize {
        self.max_chars
    }
}

/// A password that a policy accepted, prepared for hashing; zeroed when dropped.
pub struct NewPassword(SecretString);

impl NewPassword {
    /// Hashes it with argon2id.
    ///
    /// # Errors
    /// [`HashError`] where memory runs out.
    pub fn hash(
        &self,
        cost: PasswordCost,
        salt: [u8; SALT_LEN],
    ) -> Result<HashedPassword, HashError> {
        PasswordHash::make(self.0.expose_secret().as_bytes(), cost, salt).map(HashedPassword)
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword([redacted])")
    }
}

/// Words that an attacker would try for this person here: names of the tenant, the product and its
/// roles, the user name and the address (ASVS 6.2.11).
#[derive(Clone, Debug, Default)]
pub struct ContextWords(Vec<String>);

impl ContextWords {
    /// Returns the words and their parts: of an address or a name of several words, each part
    /// counts as well. Words of fewer than three letters say nothing and are left out.
    #[must_use]
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut all = Vec::new();
        for word in words.into_iter().map(fold) {
            all.extend(
                word.split(|c: char| !c.is_alphanumeric())
                    .map(str::to_owned),
            );
            all.push(word);
        }
        all.retain(|word| word.chars().count() >= 3);
        // The longest first, so that an address goes before its parts do.
        all.sort_unstable_by_key(|word| std::cmp::Reverse(word.len()));
        all.dedup();
        Self(all)
    }

    /// Tells whether little is left of a password without these words: fewer than eight letters or
    /// digits, the least that a password may ever have.
    fn makes_up(&self, password: &str) -> bool {
        let folded = fold(password);
        let mut rest = folded.clone();
        for word in &self.0 {
            rest = rest.replace(word.as_str(), " ");
        }
        rest != folded && rest.chars().filter(|c| c.is_alphanumeric()).count() < 8
    }
}

/// Why a new password was refused (NIST SP 800-63B-4: "provide the reason").
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PasswordRejection {
    /// A control character or one that no standard assigns.
    #[error("a password has letters, digits, signs and blanks, but no control characters")]
    Characters,
    /// It is on the blocklist, or repeats something short.
    #[error("this password is one of those tried first: choose one that others do not use")]
    Common,
    /// It is made up of words known about the person or the place.
    #[error("this password is made of names known here: choose one that says nothing about you")]
    Context,
    /// More characters than the policy accepts.
    #[error("a password has at most {max} characters, not {chars}")]
    TooLong {
        /// How many it had.
        chars: usize,
        /// How many are accepted.
        max: usize,
    },
    /// Fewer characters than the policy accepts.
    #[error("a password has at least {min} characters, not {chars}")]
    TooShort {
        /// How many it had.
        chars: usize,
        /// How many are needed.
        min: usize,
    },
}

/// A longest password that no policy may have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the longest password has 64 to 1000 characters")]
pub struct PolicyError;

/// A short unit over and over, or a common password twice, is as easily tried as once.
fn repeats_a_common_one(password: &str, blocklist: &Blocklist) -> bool {
    let letters: Vec<char> = password.chars().collect();
    (1..=letters.len() / 2)
        .filter(|len| letters.len().is_multiple_of(*len))
        .any(|len| {
            let mut units = letters.chunks(len);
            let Some(first) = units.next() else {
                return false;
            };
            units.all(|unit| unit == first)
                && (len <= 4 || blocklist.contains(&first.iter().collect::<String>()))
        })
}
