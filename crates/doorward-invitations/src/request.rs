//! Digests of requests: how a resend of the same act is known.

use std::fmt;

use doorward_types::{ParseDigestError, RequestId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The digest of the request that accepted an invitation: its resend, with the same link, answers
/// the first outcome (design 3: "the record that the presented secret belongs to").
///
/// ```
/// use doorward_invitations::RequestDigest;
/// use doorward_types::{ParseDigestError, RequestId};
/// let request = RequestId::made_at(time::OffsetDateTime::UNIX_EPOCH, [1; 10]);
/// assert_eq!(RequestDigest::of(request), RequestDigest::of(request));
/// ```
#[derive(Clone, Copy, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequestDigest([u8; 32]);

impl RequestDigest {
    /// Returns the digest of a request's id.
    #[must_use]
    pub fn of(request: RequestId) -> Self {
        let mut digest = Sha256::new();
        digest.update(b"doorward/invitation-request/v1");
        digest.update(request.as_bytes());
        Self(digest.finalize().into())
    }
}

impl fmt::Debug for RequestDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestDigest(..)")
    }
}

impl From<RequestDigest> for String {
    fn from(digest: RequestDigest) -> Self {
        base16ct::lower::encode_string(&digest.0)
    }
}

impl TryFrom<String> for RequestDigest {
    type Error = ParseDigestError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let bytes = base16ct::lower::decode_vec(text).map_err(|_| ParseDigestError)?;
        bytes.try_into().map(Self).map_err(|_| ParseDigestError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_back_as_it_was_written() {
        let request = RequestId::made_at(time::OffsetDateTime::UNIX_EPOCH, [9; 10]);
        let digest = RequestDigest::of(request);
        assert_eq!(RequestDigest::try_from(String::from(digest)), Ok(digest));
        for damaged in ["", "0g", &"0".repeat(63), &"A".repeat(64)] {
            assert!(
                RequestDigest::try_from(damaged.to_owned()).is_err(),
                "{damaged}"
            );
        }
    }
}
