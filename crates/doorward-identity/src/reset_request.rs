//! Reset requests: one record for every typed name, known or not.

use std::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use doorward_types::TenantId;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{Claim, login_claims};

/// Somebody asked for a reset under this name.
///
/// The use case commits one of these whatever was typed and looks nothing up, so that neither answer
/// nor duration nor the size of the record tells whether the name is known (ASVS 6.3.8). A tick
/// resolves it, mails or drops, and deletes it.
///
/// ```
/// use doorward_identity::ResetRequest;
/// use time::macros::datetime;
/// let now = datetime!(2026-11-22 10:00 UTC);
/// let request = ResetRequest::new(None, "ana@example.org", now);
/// assert_eq!(request.claims().len(), 1);
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ResetRequest {
    typed: TypedName,
    #[serde(default)]
    tenant: Option<TenantId>,
    #[serde(with = "time::serde::rfc3339")]
    requested_at: OffsetDateTime,
}

impl ResetRequest {
    /// Takes down a request; the tenant is the one whose sign-in page was used, if it was one's.
    #[must_use]
    pub fn new(tenant: Option<TenantId>, typed: &str, now: OffsetDateTime) -> Self {
        Self {
            typed: TypedName::new(typed),
            tenant,
            requested_at: now,
        }
    }

    /// Returns the claims to look the name up by, best first; none for a text that is no name.
    #[must_use]
    pub fn claims(&self) -> Vec<Claim> {
        login_claims(self.tenant, &self.typed.0)
    }

    /// Returns the tenant whose page was used.
    #[must_use]
    pub const fn tenant(&self) -> Option<TenantId> {
        self.tenant
    }

    /// Returns when it was asked for.
    #[must_use]
    pub const fn requested_at(&self) -> OffsetDateTime {
        self.requested_at
    }
}

/// How many bytes every stored name has: the longest address (64 + 1 + 255) fits.
pub const TYPED_NAME_LEN: usize = 320;

/// What was typed. It is stored as 320 bytes in base64url, padded with zeros; a longer text can be
/// nobody's name and is stored as none.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
struct TypedName(String);

impl TypedName {
    fn new(typed: &str) -> Self {
        let typed = typed.trim();
        let fits = typed.len() <= TYPED_NAME_LEN && !typed.contains('\0');
        Self(if fits {
            typed.to_owned()
        } else {
            String::new()
        })
    }
}

// Personal data: logs show nothing of it (ASVS 16.2.5).
impl fmt::Debug for TypedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedName([redacted])")
    }
}

impl From<TypedName> for String {
    fn from(name: TypedName) -> Self {
        let mut bytes = name.0.into_bytes();
        bytes.resize(TYPED_NAME_LEN, 0);
        Base64UrlUnpadded::encode_string(&bytes)
    }
}

impl TryFrom<String> for TypedName {
    type Error = TypedNameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut bytes = Base64UrlUnpadded::decode_vec(&text).map_err(|_| TypedNameError)?;
        if bytes.len() != TYPED_NAME_LEN {
            return Err(TypedNameError);
        }
        let len = bytes
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(bytes.len());
        bytes.truncate(len);
        String::from_utf8(bytes)
            .map(Self)
            .map_err(|_| TypedNameError)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a stored name is 320 bytes in base64url")]
struct TypedNameError;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

    proptest! {
        /// Design 6: "the typed name padded to 320 bytes".
        #[test]
        fn every_record_has_the_same_size(text in "\\PC{0,400}") {
            let size = |typed: &str| {
                serde_json::to_string(&ResetRequest::new(None, typed, NOW)).unwrap().len()
            };
            prop_assert_eq!(size(&text), size(""));
        }

        #[test]
        fn what_was_typed_reads_back(text in "\\PC{0,80}") {
            let request = ResetRequest::new(None, &text, NOW);
            let json = serde_json::to_string(&request).unwrap();
            prop_assert_eq!(serde_json::from_str::<ResetRequest>(&json).unwrap(), request);
        }
    }

    #[test]
    fn a_text_too_long_for_any_name_looks_up_nothing() {
        let tenant = TenantId::made_at(NOW, [1; 10]);
        let request = ResetRequest::new(Some(tenant), &"a".repeat(321), NOW);
        assert!(request.claims().is_empty());
    }

    #[test]
    fn a_stored_name_of_another_size_is_refused() {
        let json = r#"{"typed":"YW5h","requested_at":"2026-11-22T10:00:00Z"}"#;
        assert!(serde_json::from_str::<ResetRequest>(json).is_err());
    }
}
