//! Laws of the bulk plan, over random files.

use std::collections::{BTreeMap, BTreeSet};

use doorward_invitations::{
    AddressStanding, Facts, Identity, Invitation, OpenInvitation, Outcome, PlannedRow, Refusal,
    Row, Sponsor, SponsorVerdict, Template, TenantMember, plan,
};
use doorward_types::{EmailAddress, OFFER_MAX_SUBJECTS};
use proptest::{prelude::*, sample::select};

use crate::{
    bulk::{contacts, facts, identity, residents},
    fixture::*,
};

const ADDRESSES: [&str; 7] = [
    "",
    "no address",
    "a@example.org",
    "A@example.org",
    "b@example.org",
    "c@example.org",
    "d@x.org",
];
const NAMES: [Option<&str>; 4] = [None, Some("Ana Ruiz"), Some("ANA RUIZ"), Some("Eva Ruiz")];
const REFERENCES: [Option<&str>; 4] = [None, Some("P1"), Some("P2"), Some("P3")];
const PROFILES: [Option<&str>; 4] = [
    None,
    Some("Read only"),
    Some("Medical POA"),
    Some("Everything"),
];

/// A row before it borrows its template.
#[derive(Clone, Debug)]
struct Draft {
    number: u32,
    identity: Identity,
    address: &'static str,
    about: Option<u8>,
    profile: Option<&'static str>,
    is_sworn: bool,
    is_resident: bool,
}

fn draft() -> impl Strategy<Value = Draft> {
    let who = (
        select(&REFERENCES[..]),
        select(&NAMES[..]),
        prop::option::weighted(0.2, 50..53_u8),
    );
    let what = (
        prop::option::weighted(0.9, 1..14_u8),
        prop_oneof![6 => Just(PROFILES[1]), 1 => select(&PROFILES[..])],
        prop::bool::weighted(0.9),
        prop::bool::weighted(0.3),
    );
    (who, select(&ADDRESSES[..]), what).prop_map(|((reference, name, known), address, what)| {
        let (about, profile, is_sworn, is_resident) = what;
        Draft {
            number: 0,
            identity: Identity {
                person: known.map(person),
                ..identity(reference, name)
            },
            address,
            about,
            profile,
            is_sworn,
            is_resident,
        }
    })
}

fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    prop::collection::vec(draft(), 0..40).prop_map(|mut drafts| {
        for (draft, number) in drafts.iter_mut().zip(1..) {
            draft.number = number;
        }
        drafts
    })
}

/// How two of the addresses stand: a stored person at `b`, and an open invitation or a member.
fn standings() -> impl Strategy<Value = Vec<(EmailAddress, AddressStanding)>> {
    let held = prop::collection::btree_set(1..14_u8, 0..10);
    (0..4_u8, held, select(&REFERENCES[..])).prop_map(|(sort, held, reference)| {
        let address = EmailAddress::new("b@example.org").unwrap();
        let subjects: BTreeSet<_> = held.into_iter().map(subject).collect();
        let who = Identity {
            person: Some(person(50)),
            ..identity(reference, Some("Ana Ruiz"))
        };
        let mut standing = AddressStanding {
            holder: Some(who),
            ..AddressStanding::default()
        };
        match sort {
            0 => return Vec::new(),
            1 => {}
            2 => {
                standing.open = Some(OpenInvitation {
                    id: invitation_id(7),
                    subjects,
                })
            }
            _ => {
                standing.member = Some(TenantMember {
                    membership: member(9),
                    subjects,
                })
            }
        }
        vec![(address, standing)]
    })
}

fn all_facts(standings: &[(EmailAddress, AddressStanding)]) -> Facts {
    standings
        .iter()
        .cloned()
        .fold(facts(), |facts, (address, standing)| {
            facts.with_address(address, standing)
        })
}

fn planned(drafts: &[Draft], facts: &Facts) -> Vec<PlannedRow> {
    let (contacts, residents) = (contacts(), residents());
    let rows = drafts.iter().map(|draft| row(draft, &contacts, &residents));
    plan(rows, facts, START).into_rows()
}

fn row<'a>(draft: &Draft, contacts: &'a Template, residents: &'a Template) -> Row<'a> {
    Row {
        number: draft.number,
        identity: draft.identity.clone(),
        address: Some(draft.address.to_owned()),
        subject: draft.about.map(subject),
        profile: draft.profile.map(str::to_owned),
        window: None,
        sworn: draft.is_sworn.then(words),
        template: if draft.is_resident {
            residents
        } else {
            contacts
        },
    }
}

fn parsed(draft: &Draft) -> Option<EmailAddress> {
    EmailAddress::new(draft.address).ok()
}

fn is_done(outcome: &Outcome) -> bool {
    !matches!(outcome, Outcome::Refused(_))
}

proptest! {
    #[test]
    fn every_row_has_one_outcome_in_its_place_and_the_counts_add_up(
        drafts in drafts(), standings in standings(),
    ) {
        let facts = all_facts(&standings);
        let rows = planned(&drafts, &facts);
        let numbers: Vec<_> = rows.iter().map(|row| row.number).collect();
        prop_assert_eq!(numbers, drafts.iter().map(|draft| draft.number).collect::<Vec<_>>());
        let (contacts, residents) = (contacts(), residents());
        let again = drafts.iter().map(|draft| row(draft, &contacts, &residents));
        let counts = plan(again, &facts, START).counts();
        prop_assert_eq!(counts.total(), drafts.len());
        let refused = rows.iter().filter(|row| !is_done(&row.outcome)).count();
        prop_assert_eq!(counts.refused_total(), refused);
    }

    #[test]
    fn whatever_is_done_at_an_address_is_done_for_its_owner(
        drafts in drafts(), standings in standings(),
    ) {
        let rows = planned(&drafts, &all_facts(&standings));
        let mut owners: BTreeMap<_, _> = standings
            .into_iter()
            .map(|(address, standing)| (address, standing.holder.unwrap()))
            .collect();
        for (draft, row) in drafts.iter().zip(&rows) {
            let Some(address) = parsed(draft) else { continue };
            let owner = owners.entry(address).or_insert_with(|| draft.identity.clone());
            let of_another = matches!(
                row.outcome,
                Outcome::Refused(Refusal::AddressOfAnotherPerson { .. })
            );
            prop_assert_eq!(of_another, !owner.same_as(&draft.identity), "row {}", row.number);
            if !of_another {
                *owner = std::mem::take(owner).and(&draft.identity);
            }
        }
    }

    #[test]
    fn later_rows_change_nothing_but_what_earlier_ones_carry(
        (drafts, shuffled, at) in drafts().prop_flat_map(|drafts| {
            let len = drafts.len();
            (Just(drafts), 0..=len).prop_flat_map(|(drafts, at)| {
                let tail = drafts[at..].to_vec();
                (Just(drafts), Just(tail).prop_shuffle(), Just(at))
            })
        }),
        standings in standings(),
    ) {
        let facts = all_facts(&standings);
        let names = |drafts: &[Draft]| -> Vec<_> {
            planned(drafts, &facts).iter().take(at).map(|row| row.outcome.name()).collect()
        };
        let other = [&drafts[..at], &shuffled[..]].concat();
        prop_assert_eq!(names(&drafts), names(&other));
        // Nor do they take an address: whoever is refused it is refused for the first row with it.
        let mut firsts = BTreeMap::new();
        for (address, number) in
            drafts[..at].iter().filter_map(|draft| Some((parsed(draft)?, draft.number)))
        {
            firsts.entry(address).or_insert(number);
        }
        for (draft, row) in other.iter().zip(planned(&other, &facts)) {
            let first = parsed(draft).and_then(|address| firsts.get(&address).copied());
            if let (Some(first), Outcome::Refused(refusal)) = (first, row.outcome)
                && let Refusal::AddressOfAnotherPerson { row: Some(owner) } = refusal
            {
                prop_assert_eq!(owner, first);
            }
        }
    }

    #[test]
    fn a_bad_row_touches_no_other(drafts in drafts(), standings in standings()) {
        let facts = all_facts(&standings);
        let rows = planned(&drafts, &facts);
        let is_bad = |row: &PlannedRow| matches!(
            row.outcome, Outcome::Refused(Refusal::NoAddress | Refusal::BadAddress(_))
        );
        let good: Vec<_> = drafts
            .iter()
            .zip(&rows)
            .filter(|(_, row)| !is_bad(row))
            .map(|(draft, _)| draft.clone())
            .collect();
        let kept: Vec<_> = rows.iter().filter(|row| !is_bad(row)).cloned().collect();
        prop_assert_eq!(planned(&good, &facts), kept);
    }

    #[test]
    fn what_is_ready_can_be_issued_and_carries_exactly_the_rows_that_join(
        drafts in drafts(), standings in standings(),
    ) {
        let rows = planned(&drafts, &all_facts(&standings));
        let standing = |address: &EmailAddress| {
            standings.iter().find(|(it, _)| it == address).map(|(_, it)| it.clone())
        };
        let mut addresses = BTreeSet::new();
        let mut carried = BTreeMap::new();
        for row in &rows {
            let (lead, rows) = match &row.outcome {
                Outcome::Ready(planned) => {
                    prop_assert!(addresses.insert(planned.address.clone()), "one an address");
                    let lead = &drafts[row.number as usize - 1];
                    let policy = if lead.is_resident { residents() } else { contacts() }.policy;
                    let issue = planned.clone().into_issue(
                        invitation_id(1), tenant(), Sponsor::Member(member(1)),
                        SponsorVerdict::Within,
                        standing(&planned.address).unwrap_or_default(), digest(1),
                    );
                    let issued = Invitation::issue(issue, &policy, START);
                    prop_assert!(issued.is_ok(), "{:?}", issued.unwrap_err());
                    let subjects = planned.offer.subjects().len();
                    prop_assert!(subjects <= OFFER_MAX_SUBJECTS);
                    (row.number, planned.rows.clone())
                }
                Outcome::Amend(amendment) => {
                    let address = parsed(&drafts[row.number as usize - 1]).unwrap();
                    let open = standing(&address).unwrap().open.unwrap();
                    prop_assert_eq!(open.id, amendment.invitation);
                    let total = open.subjects.len() + amendment.add.len();
                    prop_assert!(total <= OFFER_MAX_SUBJECTS);
                    (row.number, amendment.rows.clone())
                }
                _ => continue,
            };
            prop_assert_eq!(rows.first(), Some(&lead));
            carried.extend(rows.into_iter().skip(1).map(|number| (number, lead)));
        }
        let joins: BTreeMap<_, _> = rows
            .iter()
            .filter_map(|row| match row.outcome {
                Outcome::Joins { row: lead } => Some((row.number, lead)),
                _ => None,
            })
            .collect();
        prop_assert_eq!(joins, carried);
    }

    /// A run that was cut short is run again.
    #[test]
    fn a_second_run_over_the_first_ones_result_invites_nobody(drafts in drafts()) {
        let rows = planned(&drafts, &facts());
        let mut again = facts();
        for row in &rows {
            if let Outcome::Ready(planned) = &row.outcome {
                // The holder on record is the person of the first row, as all its rows show them.
                let at = |draft: &&Draft| parsed(draft).as_ref() == Some(&planned.address);
                let theirs = drafts.iter().filter(at).map(|draft| &draft.identity);
                let holder = theirs.cloned().reduce(|owner, it| {
                    if owner.same_as(&it) { owner.and(&it) } else { owner }
                });
                let subjects = planned.offer.subjects().iter().map(|it| it.subject).collect();
                let open = Some(OpenInvitation { id: invitation_id(1), subjects });
                let standing = AddressStanding { holder, open, member: None };
                again = again.with_address(planned.address.clone(), standing);
            }
        }
        for (first, second) in rows.iter().zip(planned(&drafts, &again)) {
            if is_done(&first.outcome) {
                // `AlreadyOpen`, unless the file contradicts itself about who is who.
                prop_assert!(!is_done(&second.outcome), "row {}: {:?}", first.number, second);
            }
        }
    }
}
