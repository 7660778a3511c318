//! Access keys: the tenant's, presented beside the credential where a class requires it.

use std::fmt;

use doorward_types::{Generation, TenantId, TokenDigest, TokenSecret};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroize};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::{AccessKeyCheck, letters};

/// The access key of a tenant (HomeTrak: "cloud access keys"): made and replaced by its
/// administrators, shown once, kept as a digest.
///
/// ```
/// use doorward_identity::{AccessKey, AccessKeyCheck, AccessKeyText};
/// use doorward_types::TenantId;
/// use secrecy::ExposeSecret;
/// use time::macros::datetime;
/// let now = datetime!(2026-11-22 10:00 UTC);
/// let tenant = TenantId::made_at(now, [1; 10]);
/// let shown = AccessKeyText::from_random([9; 32]);
/// let (key, _) = AccessKey::make(tenant, &shown, now);
/// let typed = shown.to_text().expose_secret().to_lowercase();
/// assert_eq!(key.check(Some(&typed.into())), AccessKeyCheck::Matches);
/// assert_eq!(key.check(Some(&"2222-3333".to_owned().into())), AccessKeyCheck::Differs);
/// assert_eq!(key.check(None), AccessKeyCheck::NotPresented);
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AccessKey {
    tenant: TenantId,
    generation: Generation,
    digest: TokenDigest,
    #[serde(with = "time::serde::rfc3339")]
    made_at: OffsetDateTime,
}

impl AccessKey {
    /// Makes the tenant's first key.
    #[must_use]
    pub fn make(
        tenant: TenantId,
        text: &AccessKeyText,
        now: OffsetDateTime,
    ) -> (Self, Vec<AccessKeyEvent>) {
        let (generation, digest) = (Generation::FIRST, text.digest());
        let key = Self {
            tenant,
            generation,
            digest,
            made_at: now,
        };
        (key, vec![AccessKeyEvent::Made { generation }])
    }

    /// Replaces the key; the one before opens nothing any more.
    #[must_use]
    pub fn replace(self, text: &AccessKeyText, now: OffsetDateTime) -> (Self, Vec<AccessKeyEvent>) {
        let (generation, digest) = (self.generation.next(), text.digest());
        let key = Self {
            generation,
            digest,
            made_at: now,
            ..self
        };
        (key, vec![AccessKeyEvent::Replaced { generation }])
    }

    /// Compares what was presented with the key.
    #[must_use]
    pub fn check(&self, typed: Option<&SecretString>) -> AccessKeyCheck {
        match typed {
            None => AccessKeyCheck::NotPresented,
            Some(typed) if self.digest.matches(&secret(typed)) => AccessKeyCheck::Matches,
            Some(_) => AccessKeyCheck::Differs,
        }
    }

    /// Returns whose it is.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Returns how often it was made.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// Returns when it was made.
    #[must_use]
    pub const fn made_at(&self) -> OffsetDateTime {
        self.made_at
    }
}

/// What happened to an access key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AccessKeyEvent {
    /// The first one was made.
    Made {
        /// Which one.
        generation: Generation,
    },
    /// Another one took its place.
    Replaced {
        /// Which one.
        generation: Generation,
    },
}

/// An access key as it is shown, once: 28 letters without look-alikes, 140 bits, so that a plain
/// digest is enough (ASVS 6.5.2).
pub struct AccessKeyText(SecretString);

impl AccessKeyText {
    /// Spells the first 28 of the random bytes.
    #[must_use]
    pub fn from_random(mut bytes: [u8; 32]) -> Self {
        let [head @ .., _, _, _, _] = &bytes;
        let text = SecretString::from(letters::spell(head));
        bytes.zeroize();
        Self(text)
    }

    /// Returns the text in groups of four; blanks, dashes and letter case do not matter when it is
    /// typed.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        letters::grouped(&self.0)
    }

    fn digest(&self) -> TokenDigest {
        secret(&self.0).digest()
    }
}

impl fmt::Debug for AccessKeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessKeyText([redacted])")
    }
}

fn secret(text: &SecretString) -> TokenSecret {
    let mut folded = letters::fold(text.expose_secret());
    let secret = TokenSecret::new(Sha256::digest(folded.as_bytes()).into());
    folded.zeroize();
    secret
}
