//! Flags: what a reviewer looks at first.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fmt,
};

use doorward_types::{Delivery, EmailAddress, PersonId, Principal};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use super::{
    row::{AccessRow, LevelsHeld},
    status::AccessStatus,
};

/// Something about a row that a reviewer should look at.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Everything the kind can have, because no level was applied (HomeTrak).
    FullAccessByDefault,
    /// The access was given by its own holder.
    SelfGranted,
    /// Support access is open.
    SupportOpen,
    /// The address belongs to more than one person.
    SharedAddress,
    /// The invitation ran out.
    InvitationExpired,
    /// The invitation's mail came back, or its address is no longer mailed.
    Bounced,
    /// The invitation's mail could not be handed over.
    NotMailed,
    /// Has access and never signed in.
    NeverSignedIn,
    /// Has access and has not signed in for this many days.
    NoSignInFor {
        /// The limit that was passed.
        days: u16,
    },
    /// Holds a permission that the catalog does not know; it gives nothing.
    UnknownPermission,
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FullAccessByDefault => f.write_str("full access by default"),
            Self::SelfGranted => f.write_str("self-granted"),
            Self::SupportOpen => f.write_str("support access open"),
            Self::SharedAddress => f.write_str("shared address"),
            Self::InvitationExpired => f.write_str("invitation expired"),
            Self::Bounced => f.write_str("mail bounced"),
            Self::NotMailed => f.write_str("mail not sent"),
            Self::NeverSignedIn => f.write_str("never signed in"),
            Self::NoSignInFor { days } => write!(f, "no sign-in for {days} days"),
            Self::UnknownPermission => f.write_str("unknown permission"),
        }
    }
}

impl Flag {
    /// Returns the flags that a row raises at this instant.
    #[must_use]
    pub fn of(
        row: &AccessRow,
        rules: &FlagRules,
        shared: &SharedAddresses,
        as_of: OffsetDateTime,
    ) -> BTreeSet<Self> {
        let mail = row
            .invited
            .as_ref()
            .and_then(|invited| invited.mail)
            .map(|mail| mail.status);
        let flags = [
            (row.levels == Some(LevelsHeld::Unrestricted)).then_some(Self::FullAccessByDefault),
            is_self_granted(row).then_some(Self::SelfGranted),
            (row.status == AccessStatus::Support).then_some(Self::SupportOpen),
            row.email
                .as_ref()
                .is_some_and(|email| shared.contains(email))
                .then_some(Self::SharedAddress),
            (row.status == AccessStatus::InvitationExpired).then_some(Self::InvitationExpired),
            mail.and_then(of_mail),
            of_sign_in(row, rules, as_of),
            (!row.unknown_permissions.is_empty()).then_some(Self::UnknownPermission),
        ];
        flags.into_iter().flatten().collect()
    }
}

/// What the host counts as worth a look.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct FlagRules {
    /// After how many days without a sign-in a connected person is flagged; `None` where the host
    /// does not record sign-ins.
    pub dormant_days: Option<u16>,
}

/// 90 days: a quarter, so that a monthly review sees nobody flagged who came once a season.
impl Default for FlagRules {
    fn default() -> Self {
        Self {
            dormant_days: Some(90),
        }
    }
}

/// Addresses that belong to more than one person, found in a first pass over the people.
///
/// ```
/// use doorward_audit::report::SharedAddresses;
/// use doorward_types::{EmailAddress, PersonId};
/// # let now = time::OffsetDateTime::UNIX_EPOCH;
/// let (eva, jan) = (PersonId::made_at(now, [1; 10]), PersonId::made_at(now, [2; 10]));
/// let home = EmailAddress::new("family@example.org")?;
/// let shared: SharedAddresses = [(home.clone(), eva), (home.clone(), eva)].into_iter().collect();
/// assert!(!shared.contains(&home), "one person on two rows shares nothing");
/// let shared: SharedAddresses = [(home.clone(), eva), (home.clone(), jan)].into_iter().collect();
/// assert!(shared.contains(&home));
/// # Ok::<(), doorward_types::EmailError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SharedAddresses(HashSet<EmailAddress>);

impl SharedAddresses {
    /// Tells whether the address belongs to more than one person.
    #[must_use]
    pub fn contains(&self, address: &EmailAddress) -> bool {
        self.0.contains(address)
    }
}

impl FromIterator<(EmailAddress, PersonId)> for SharedAddresses {
    fn from_iter<I: IntoIterator<Item = (EmailAddress, PersonId)>>(holders: I) -> Self {
        let mut first: HashMap<EmailAddress, PersonId> = HashMap::new();
        let mut shared = HashSet::new();
        for (address, person) in holders {
            if *first.entry(address.clone()).or_insert(person) != person {
                shared.insert(address);
            }
        }
        Self(shared)
    }
}

fn is_self_granted(row: &AccessRow) -> bool {
    let granted_by = row.granted.as_ref().map(|granted| &granted.by.principal);
    match granted_by {
        Some(Principal::Account { membership, .. }) => row.membership == Some(*membership),
        _ => false,
    }
}

const fn of_mail(status: Delivery) -> Option<Flag> {
    match status {
        Delivery::Bounced | Delivery::Suppressed => Some(Flag::Bounced),
        Delivery::Failed => Some(Flag::NotMailed),
        Delivery::Queued
        | Delivery::Sent
        | Delivery::Delivered
        | Delivery::Deferred
        | Delivery::Dropped => None,
    }
}

/// Exactly the limit counts as passed, as every period is half-open (design 9.1).
fn of_sign_in(row: &AccessRow, rules: &FlagRules, as_of: OffsetDateTime) -> Option<Flag> {
    let days = rules
        .dormant_days
        .filter(|_| row.status == AccessStatus::Connected)?;
    match row.last_sign_in_at {
        None => Some(Flag::NeverSignedIn),
        Some(last) if as_of - last >= Duration::days(days.into()) => {
            Some(Flag::NoSignInFor { days })
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use doorward_types::{AccountId, DisplayName, MembershipId, PermissionName};
    use time::macros::datetime;

    use super::*;
    use crate::report::{By, Granted, Invited, MailReport};

    const AS_OF: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

    fn row(status: AccessStatus) -> AccessRow {
        AccessRow::new(DisplayName::new("Maple Grove").unwrap(), status)
    }

    fn flags(row: &AccessRow) -> Vec<Flag> {
        let shared = SharedAddresses::default();
        Flag::of(row, &FlagRules::default(), &shared, AS_OF)
            .into_iter()
            .collect()
    }

    fn by(membership: MembershipId) -> By {
        let account = AccountId::made_at(AS_OF, [1; 10]);
        By {
            principal: Principal::Account {
                account,
                membership,
            },
            name: None,
        }
    }

    fn invited(status: Delivery) -> Invited {
        Invited {
            by: by(MembershipId::made_at(AS_OF, [9; 10])),
            at: AS_OF,
            expires_at: AS_OF + Duration::days(30),
            mail: Some(MailReport { status, at: AS_OF }),
        }
    }

    #[test]
    fn a_person_who_was_never_invited_raises_nothing() {
        assert_eq!(flags(&row(AccessStatus::NeverInvited)), []);
    }

    /// HomeTrak: "If you do not apply Security Levels to an Office Staff user, they will have full
    /// access to all available features."
    #[test]
    fn no_levels_are_flagged_and_an_empty_set_of_levels_is_not() {
        let mut staff = row(AccessStatus::Disabled);
        staff.levels = Some(LevelsHeld::Unrestricted);
        assert_eq!(flags(&staff), [Flag::FullAccessByDefault]);
        staff.levels = Some(LevelsHeld::Named(Vec::new()));
        assert_eq!(flags(&staff), []);
    }

    #[test]
    fn access_given_by_its_own_holder_is_flagged() {
        let holder = MembershipId::made_at(AS_OF, [2; 10]);
        let mut member = row(AccessStatus::Disabled);
        member.membership = Some(holder);
        member.granted = Some(Granted {
            by: by(holder),
            at: AS_OF,
            expires_at: None,
        });
        assert_eq!(flags(&member), [Flag::SelfGranted]);
        let other = MembershipId::made_at(AS_OF, [3; 10]);
        member.granted = Some(Granted {
            by: by(other),
            at: AS_OF,
            expires_at: None,
        });
        assert_eq!(flags(&member), []);
    }

    #[test]
    fn open_support_and_expired_invitations_are_flagged() {
        assert_eq!(flags(&row(AccessStatus::Support)), [Flag::SupportOpen]);
        assert_eq!(
            flags(&row(AccessStatus::InvitationExpired)),
            [Flag::InvitationExpired]
        );
    }

    /// ALIS: "You can verify the delivery status of your invitations".
    #[test]
    fn mail_that_did_not_arrive_is_flagged() {
        for (status, expected) in [
            (Delivery::Bounced, Some(Flag::Bounced)),
            (Delivery::Suppressed, Some(Flag::Bounced)),
            (Delivery::Failed, Some(Flag::NotMailed)),
            (Delivery::Sent, None),
            (Delivery::Queued, None),
            (Delivery::Dropped, None),
        ] {
            let mut row = row(AccessStatus::Invited);
            row.invited = Some(invited(status));
            assert_eq!(flags(&row).first().copied(), expected, "{status}");
        }
    }

    #[test]
    fn a_long_absence_is_flagged_at_the_day_and_not_a_microsecond_before() {
        let mut member = row(AccessStatus::Connected);
        assert_eq!(flags(&member), [Flag::NeverSignedIn]);
        let limit = AS_OF - Duration::days(90);
        member.last_sign_in_at = Some(limit);
        assert_eq!(flags(&member), [Flag::NoSignInFor { days: 90 }]);
        member.last_sign_in_at = Some(limit + Duration::MICROSECOND);
        assert_eq!(flags(&member), []);
    }

    #[test]
    fn only_those_with_access_are_expected_to_sign_in() {
        for status in AccessStatus::ALL {
            let raised = flags(&row(status)).contains(&Flag::NeverSignedIn);
            assert_eq!(raised, status == AccessStatus::Connected, "{status}");
        }
    }

    #[test]
    fn a_host_that_records_no_sign_ins_flags_none() {
        let rules = FlagRules { dormant_days: None };
        let member = row(AccessStatus::Connected);
        assert!(Flag::of(&member, &rules, &SharedAddresses::default(), AS_OF).is_empty());
    }

    #[test]
    fn permissions_the_catalog_does_not_know_are_flagged() {
        let mut member = row(AccessStatus::Disabled);
        member.unknown_permissions = vec![PermissionName::new("old").unwrap()];
        assert_eq!(flags(&member), [Flag::UnknownPermission]);
    }

    #[test]
    fn an_address_of_two_people_is_flagged() {
        let address = EmailAddress::new("family@example.org").unwrap();
        let people = [[1; 10], [2; 10]].map(|n| PersonId::made_at(AS_OF, n));
        let shared = people
            .into_iter()
            .map(|person| (address.clone(), person))
            .collect();
        let mut row = row(AccessStatus::NeverInvited);
        row.email = Some(EmailAddress::new("FAMILY@example.org").unwrap());
        row.flag(&FlagRules::default(), &shared, AS_OF);
        assert_eq!(row.flags, BTreeSet::from([Flag::SharedAddress]));
    }
}
