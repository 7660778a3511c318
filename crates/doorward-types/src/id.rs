//! Identifiers: UUIDv7 newtypes made by the shell from the time and random bytes it hands in.
//!
//! Ids order by the time they were made, so they are never secrets (ASVS 6.5.3: a UUID is no token).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::{Builder, Uuid};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// ```
        /// # use doorward_types as words;
        #[doc = concat!("use words::", stringify!($name), ";")]
        #[doc = concat!("let id = ", stringify!($name), "::made_at(time::OffsetDateTime::UNIX_EPOCH, [7; 10]);")]
        #[doc = concat!("assert_eq!(id.to_string().parse::<", stringify!($name), ">()?, id);")]
        /// # Ok::<(), words::ParseIdError>(())
        /// ```
        #[derive(
            Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
        )]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Returns the UUIDv7 (RFC 9562) of this instant, cut to milliseconds, and these bytes.
            #[must_use]
            pub fn made_at(now: OffsetDateTime, random: [u8; 10]) -> Self {
                Self(v7(now, random))
            }

            /// Wraps an id that was read back from storage.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// Returns the id as a UUID.
            #[must_use]
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }

            /// Returns the 16 bytes of the id, in network order.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self).map_err(|_| ParseIdError { expected: stringify!($name) })
            }
        }
    };
}

id! {
    /// A tenant: the organisation whose data is sealed off (ASVS 8.4.1).
    TenantId
}
id! {
    /// A person's login identity (NIST SP 800-63 subscriber account, SCIM User).
    AccountId
}
id! {
    /// An account in a tenant; new at each joining, so that a returning person revives nothing.
    MembershipId
}
id! {
    /// A tenant's record of a human, with or without access.
    PersonId
}
id! {
    /// How one person stands to a subject (FHIR RelatedPerson).
    RelationshipId
}
id! {
    /// The record of an offer to join.
    InvitationId
}
id! {
    /// A profile held by a membership over one subject for a period (NIST user assignment).
    GrantId
}
id! {
    /// A tenant's security level: a named set of permissions held by members.
    LevelId
}
id! {
    /// A tenant's user profile: a named set of permissions granted over one subject.
    ProfileId
}
id! {
    /// A tenant's group of users.
    GroupId
}
id! {
    /// One act of a host, named by the host, so that a resend answers the first outcome.
    RequestId
}
id! {
    /// One entry of the audit log.
    EntryId
}
id! {
    /// One opening of a tenant to the provider's support.
    SupportId
}

/// The person the data is about (FHIR `subject`): a resident, client or patient, never the actor.
///
/// A subject is a person seen from the data's side, so it is made from a [`PersonId`].
///
/// ```
/// use doorward_types::{PersonId, SubjectId};
/// let resident = PersonId::made_at(time::OffsetDateTime::UNIX_EPOCH, [1; 10]);
/// assert_eq!(SubjectId::from(resident).person(), resident);
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct SubjectId(PersonId);

impl SubjectId {
    /// Returns the person who is the subject.
    #[must_use]
    pub const fn person(self) -> PersonId {
        self.0
    }
}

impl From<PersonId> for SubjectId {
    fn from(person: PersonId) -> Self {
        Self(person)
    }
}

impl fmt::Display for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for SubjectId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// A text that is no id.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{expected}` expects a hyphenated UUID such as `0197f2c0-5a3e-7b1c-8d4e-2f6a9b0c1d2e`")]
pub struct ParseIdError {
    expected: &'static str,
}

fn v7(now: OffsetDateTime, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn ids_order_by_the_time_they_were_made() {
        let early = TenantId::made_at(datetime!(2026-11-22 00:00 UTC), [255; 10]);
        let late = TenantId::made_at(datetime!(2026-11-22 00:00:00.001 UTC), [0; 10]);
        assert!(early < late);
    }

    #[test]
    fn an_instant_before_1970_gives_the_smallest_time_and_no_panic() {
        let id = TenantId::made_at(datetime!(1923-01-01 00:00 UTC), [9; 10]);
        assert!(id < TenantId::made_at(datetime!(1970-01-01 00:00:00.001 UTC), [0; 10]));
    }

    #[test]
    fn a_text_that_is_no_id_is_told_what_an_id_looks_like() {
        let error = "R00012".parse::<PersonId>().unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("`PersonId` expects a hyphenated UUID")
        );
    }

    #[test]
    fn an_id_is_a_json_string() {
        let id = GrantId::made_at(datetime!(2026-11-22 00:00 UTC), [3; 10]);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<GrantId>(&json).unwrap(), id);
    }
}
