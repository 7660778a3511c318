//! Skeletons: the record that keeps look-alike user names apart in a tenant.

use doorward_types::{TenantId, UserName};
use serde::{Deserialize, Serialize};

use crate::Account;

/// The names of one skeleton (UTS 39) in one tenant: any number of ASCII names, or one other.
///
/// The shell keeps one record for each (tenant, [`SkeletonKey`]). Whoever gives an account a user
/// name reads the record of its skeleton, applies [`Skeleton::take`], and puts it back in the same
/// commit with the version it was read at, or "absent" for a new one; whoever takes a name away
/// does the same with [`Skeleton::release`] and deletes the record where `None` remains. The version
/// is what a unique claim cannot be: two racing look-alikes write one record, and one of them fails.
///
/// ```
/// use doorward_identity::Skeleton;
/// use doorward_types::UserName;
/// let one = Skeleton::take(None, &UserName::new("paypal")?)?;
/// let mixed = UserName::new("pаypаl")?; // two Cyrillic letters
/// assert!(Skeleton::take(Some(one), &mixed).is_err());
/// assert!(Skeleton::take(None, &mixed).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Skeleton {
    /// This many names of ASCII letters: they are never look-alikes of each other.
    Ascii {
        /// How many, from 1.
        count: u32,
    },
    /// One name with a letter outside ASCII.
    Other,
}

impl Skeleton {
    /// Takes a name into its skeleton.
    ///
    /// # Errors
    /// [`LooksLikeAnother`] where either has a letter outside ASCII.
    pub fn take(held: Option<Self>, name: &UserName) -> Result<Self, LooksLikeAnother> {
        match held {
            None if name.is_ascii() => Ok(Self::Ascii { count: 1 }),
            None => Ok(Self::Other),
            Some(Self::Ascii { count }) if name.is_ascii() => Ok(Self::Ascii {
                count: count.saturating_add(1),
            }),
            Some(Self::Ascii { .. } | Self::Other) => Err(LooksLikeAnother),
        }
    }

    /// Takes a name out of its skeleton; `None` is a record to delete.
    #[must_use]
    pub const fn release(self) -> Option<Self> {
        match self {
            Self::Ascii { count } if count > 1 => Some(Self::Ascii { count: count - 1 }),
            Self::Ascii { .. } | Self::Other => None,
        }
    }
}

/// Which skeleton record a user name stands in.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SkeletonKey {
    /// The tenant that gave the name.
    pub tenant: TenantId,
    /// The skeleton, which may be longer than the name.
    pub skeleton: String,
}

/// Returns the skeleton record in which the account's user name stands. Names of e-mail form stand
/// in none: they are the account's own address.
#[must_use]
pub fn skeleton_key(account: &Account) -> Option<SkeletonKey> {
    let own = account
        .user_name()
        .filter(|own| !own.name.has_email_form())?;
    account.is_open().then(|| SkeletonKey {
        tenant: own.tenant,
        skeleton: own.name.skeleton(),
    })
}

/// A person could take one name for the other.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the user name looks like another one in use: choose one that differs to the eye")]
pub struct LooksLikeAnother;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Design 6: "unique in the tenant where at least one name has a non-ASCII letter".
    #[test]
    fn ascii_names_share_a_skeleton_and_others_do_not() {
        let name = |text: &str| UserName::new(text).unwrap();
        assert_eq!(name("marnie").skeleton(), name("mamie").skeleton());
        let two = Skeleton::take(Skeleton::take(None, &name("marnie")).ok(), &name("mamie"));
        assert_eq!(two, Ok(Skeleton::Ascii { count: 2 }));
        let cyrillic = name("m\u{430}mie");
        assert_eq!(Skeleton::take(two.ok(), &cyrillic), Err(LooksLikeAnother));
        assert_eq!(
            Skeleton::take(Some(Skeleton::Other), &cyrillic),
            Err(LooksLikeAnother)
        );
        assert_eq!(
            Skeleton::take(Some(Skeleton::Other), &name("mamie")),
            Err(LooksLikeAnother)
        );
    }

    proptest! {
        /// The record answers as the rule would over all names held.
        #[test]
        fn the_record_answers_as_a_comparison_with_every_name_would(
            names in prop::collection::vec("(ma|rn|\u{430}|o|\u{43e}){1,2}", 1..12)
        ) {
            let mut held: Vec<UserName> = Vec::new();
            let mut records = std::collections::BTreeMap::<String, Skeleton>::new();
            for text in names {
                let Ok(name) = UserName::new(&text) else { continue };
                if held.contains(&name) {
                    let record = records.remove(&name.skeleton());
                    if let Some(left) = record.and_then(Skeleton::release) {
                        records.insert(name.skeleton(), left);
                    }
                    held.retain(|other| *other != name);
                    continue;
                }
                let taken = Skeleton::take(records.get(&name.skeleton()).copied(), &name);
                let clash = held.iter().any(|other| other.looks_like(&name));
                prop_assert_eq!(taken.is_err(), clash, "{}", text);
                if let Ok(record) = taken {
                    records.insert(name.skeleton(), record);
                    held.push(name);
                }
            }
        }
    }
}
