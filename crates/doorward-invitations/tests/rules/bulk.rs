//! The bulk plan, one test an outcome.

use doorward_invitations::{
    AddressStanding, Facts, Identity, Invitation, OpenInvitation, Outcome, PersonRef, Plan,
    PlannedInvitation, Policy, ProfileFacts, Refusal, Row, Sponsor, SponsorVerdict, Template,
    TenantMember, plan,
};
use doorward_types::{
    ClassName, DisplayName, EmailError, KindName, Offer, Statement, StatementName,
};

use crate::fixture::*;

pub(crate) fn name(text: &str) -> DisplayName {
    DisplayName::new(text).unwrap()
}

/// ALIS contacts: sworn for each resident, a profile each.
pub(crate) fn contacts() -> Template {
    Template {
        class: ClassName::new("contact").unwrap(),
        place: Offer::of(KindName::new("contact").unwrap()),
        policy: contact_policy(),
        default_profile: None,
        verdict: SponsorVerdict::Within,
    }
}

/// ALIS residents: one click, the default resident profile, no oath (design 9.2).
pub(crate) fn residents() -> Template {
    Template {
        class: ClassName::new("resident").unwrap(),
        place: Offer::of(KindName::new("resident").unwrap()),
        policy: Policy::thirty_days(),
        default_profile: Some(name("Resident")),
        verdict: SponsorVerdict::Within,
    }
}

pub(crate) fn facts() -> Facts {
    let within = |id| ProfileFacts {
        id,
        verdict: SponsorVerdict::Within,
    };
    Facts::new()
        .with_profile(&name("Read only"), within(profile()))
        .with_profile(&name("Resident"), within(profile()))
        .with_profile(
            &name("Medical POA"),
            ProfileFacts {
                id: profile(),
                verdict: above(),
            },
        )
}

pub(crate) fn identity(reference: Option<&str>, named: Option<&str>) -> Identity {
    Identity {
        person: None,
        reference: reference.map(|text| PersonRef::new(text).unwrap()),
        name: named.map(name),
    }
}

fn row<'a>(template: &'a Template, number: u32, who: &str, to: &str, about: u8) -> Row<'a> {
    Row {
        number,
        identity: identity(Some(who), None),
        address: Some(to.to_owned()),
        subject: Some(subject(about)),
        profile: Some("Read only".to_owned()),
        window: None,
        sworn: Some(words()),
        template,
    }
}

fn outcomes<'a>(rows: impl IntoIterator<Item = Row<'a>>, facts: &Facts) -> Vec<Outcome> {
    let plan = plan(rows, facts, START);
    plan.into_rows()
        .into_iter()
        .map(|row| row.outcome)
        .collect()
}

fn only(row: Row<'_>, facts: &Facts) -> Outcome {
    outcomes([row], facts).pop().unwrap()
}

fn refused(row: Row<'_>) -> Refusal {
    match only(row, &facts()) {
        Outcome::Refused(refusal) => refusal,
        other => panic!("nothing should be done: {other:?}"),
    }
}

fn ready(outcome: &Outcome) -> &PlannedInvitation {
    match outcome {
        Outcome::Ready(planned) => planned,
        other => panic!("ready: {other:?}"),
    }
}

#[test]
fn a_sound_row_is_ready() {
    let contacts = contacts();
    let outcome = only(row(&contacts, 2, "P1", "Ana@example.org", 1), &facts());
    let planned = ready(&outcome);
    assert_eq!(planned.address.original(), "Ana@example.org");
    assert_eq!(planned.offer.subjects(), [subject_offer(1)]);
    assert_eq!(planned.sworn, sworn([1]));
    assert_eq!(planned.rows, [2]);
}

#[test]
fn profiles_are_found_in_any_letter_case() {
    let contacts = contacts();
    let profile = Some("  READ  ONLY ".to_owned());
    let row = Row {
        profile,
        ..row(&contacts, 1, "P1", "ana@example.org", 1)
    };
    assert!(matches!(only(row, &facts()), Outcome::Ready(_)));
}

#[test]
fn a_row_without_an_address_or_with_a_bad_one_says_so() {
    let contacts = contacts();
    let to = |address: Option<&str>| Row {
        address: address.map(str::to_owned),
        ..row(&contacts, 1, "P1", "", 1)
    };
    for none in [None, Some(""), Some("  ")] {
        assert_eq!(refused(to(none)), Refusal::NoAddress);
    }
    assert_eq!(
        refused(to(Some("ana"))),
        Refusal::BadAddress(EmailError::Syntax)
    );
    assert_eq!(
        refused(to(Some("ana@localhost"))),
        Refusal::BadAddress(EmailError::Domain)
    );
}

#[test]
fn a_row_needs_a_profile_of_the_tenant() {
    let contacts = contacts();
    let under = |profile: Option<&str>| Row {
        profile: profile.map(str::to_owned),
        ..row(&contacts, 1, "P1", "ana@example.org", 1)
    };
    assert_eq!(refused(under(None)), Refusal::NoProfile);
    assert_eq!(refused(under(Some(" "))), Refusal::NoProfile);
    let unknown = Refusal::UnknownProfile {
        name: "Everything".to_owned(),
    };
    assert_eq!(refused(under(Some("Everything"))), unknown);
    assert!(unknown.to_string().contains("`Everything`"));
    let control = Refusal::UnknownProfile {
        name: "a\u{0}b".to_owned(),
    };
    assert_eq!(refused(under(Some("a\u{0}b"))), control);
    // ASVS 16.4.1: what stands in a file forges no line of a report.
    let forged = refused(under(Some("a\nrow 9: ready"))).to_string();
    assert!(!forged.contains('\n'), "{forged}");
    let Refusal::UnknownProfile { name } = refused(under(Some(&"x".repeat(9_000)))) else {
        panic!("unknown");
    };
    assert_eq!(name.len(), 200);
}

/// Design 9.2: the one-click resident invite.
#[test]
fn a_resident_gets_the_default_profile_without_an_oath() {
    let residents = residents();
    let row = Row {
        profile: None,
        sworn: None,
        ..row(&residents, 1, "P1", "ana@example.org", 1)
    };
    let outcome = only(row, &facts());
    assert_eq!(ready(&outcome).class, residents.class);
    assert!(ready(&outcome).sworn.is_empty());
}

#[test]
fn a_contact_needs_a_subject_and_an_oath_in_the_present_words() {
    let contacts = contacts();
    let base = || row(&contacts, 1, "P1", "ana@example.org", 1);
    assert_eq!(
        refused(Row {
            subject: None,
            ..base()
        }),
        Refusal::NoSubject
    );
    assert_eq!(
        refused(Row {
            sworn: None,
            ..base()
        }),
        Refusal::NoAttestation
    );
    let named = StatementName::new("sensitive_information").unwrap();
    let stale = Some(Statement::of(named, 2, "other words"));
    assert_eq!(
        refused(Row {
            sworn: stale,
            ..base()
        }),
        Refusal::NoAttestation
    );
}

#[test]
fn a_row_above_the_sponsors_rights_names_what_is_missing() {
    let contacts = contacts();
    let profile = Some("Medical POA".to_owned());
    let costly = Row {
        profile,
        ..row(&contacts, 1, "P1", "ana@example.org", 1)
    };
    assert_eq!(refused(costly), Refusal::AboveCeiling(shortfall()));
    let place = Template {
        verdict: above(),
        ..contacts.clone()
    };
    let costly = row(&place, 1, "P1", "ana@example.org", 1);
    assert_eq!(refused(costly), Refusal::AboveCeiling(shortfall()));
}

/// Issue: "one person who is the contact of several residents gets one account and one grant each".
#[test]
fn rows_of_one_person_become_one_invitation() {
    let contacts = contacts();
    let rows = [
        row(&contacts, 1, "P1", "ana@example.org", 1),
        row(&contacts, 2, "P2", "eva@example.org", 1),
        row(&contacts, 3, "P1", "ANA@example.org", 2),
    ];
    let outcomes = outcomes(rows, &facts());
    let planned = ready(&outcomes[0]);
    assert_eq!(
        planned.offer.subjects(),
        [subject_offer(1), subject_offer(2)]
    );
    assert_eq!(planned.sworn, sworn([1, 2]));
    assert_eq!(planned.rows, [1, 3]);
    assert_eq!(outcomes[2], Outcome::Joins { row: 1 });
}

/// Design 3: ten subjects; the eleventh is named and comes later.
#[test]
fn the_eleventh_subject_waits_for_a_second_run() {
    let contacts = contacts();
    let rows = (1..=11).map(|n| row(&contacts, u32::from(n), "P1", "ana@example.org", n));
    let outcomes = outcomes(rows, &facts());
    assert_eq!(ready(&outcomes[0]).rows.len(), 10);
    assert_eq!(outcomes[10], Outcome::Refused(Refusal::TooManySubjects));
}

#[test]
fn a_row_that_says_the_same_as_an_earlier_one_is_a_duplicate() {
    let contacts = contacts();
    let twice = [1, 2].map(|n| row(&contacts, n, "P1", "ana@example.org", 1));
    let outcomes = outcomes(twice, &facts());
    assert_eq!(
        outcomes[1],
        Outcome::Refused(Refusal::DuplicateInFile { row: 1 })
    );
}

#[test]
fn a_row_is_no_duplicate_of_one_that_was_refused() {
    let contacts = contacts();
    let bad = Row {
        profile: None,
        ..row(&contacts, 1, "P1", "ana@example.org", 1)
    };
    let outcomes = outcomes(
        [bad, row(&contacts, 2, "P1", "ana@example.org", 1)],
        &facts(),
    );
    assert_eq!(ready(&outcomes[1]).rows, [2]);
}

/// Design 9.10: "Inside a tenant an address is the person's who had it first (stored record, then
/// earlier row) ... never a merge".
#[test]
fn an_address_belongs_to_the_first_row_that_has_it_whatever_else_is_wrong_there() {
    let contacts = contacts();
    let bad = Row {
        profile: None,
        ..row(&contacts, 1, "P1", "ana@example.org", 1)
    };
    let outcomes = outcomes(
        [bad, row(&contacts, 2, "P2", "ANA@example.org", 2)],
        &facts(),
    );
    let refusal = Refusal::AddressOfAnotherPerson { row: Some(1) };
    assert!(refusal.to_string().contains("(row 1)"));
    assert_eq!(outcomes[1], Outcome::Refused(refusal));
}

#[test]
fn an_address_belongs_to_the_stored_person_before_any_row() {
    let contacts = contacts();
    let holder = Identity {
        person: Some(person(50)),
        ..identity(Some("P9"), Some("Ana"))
    };
    let standing = AddressStanding {
        holder: Some(holder),
        ..AddressStanding::default()
    };
    let facts = facts().with_address(address(), standing);
    let to = "ana.ruiz@example.org";
    let stranger = row(&contacts, 1, "P1", to, 1);
    let owner = row(&contacts, 2, "P9", to, 1);
    let outcomes = outcomes([stranger, owner], &facts);
    assert_eq!(
        outcomes[0],
        Outcome::Refused(Refusal::AddressOfAnotherPerson { row: None })
    );
    assert_eq!(ready(&outcomes[1]).person, Some(person(50)));
}

/// Design 9.10: same `person_ref`, else same canonical address and same name.
#[test]
fn without_references_the_same_name_is_the_same_person() {
    let contacts = contacts();
    let named = |number, who: &str, about| Row {
        identity: identity(None, Some(who)),
        ..row(&contacts, number, "P1", "ana@example.org", about)
    };
    let rows = [
        named(1, "Ana Ruiz", 1),
        named(2, "ANA  ruiz", 2),
        named(3, "Eva Ruiz", 3),
    ];
    let outcomes = outcomes(rows, &facts());
    assert_eq!(outcomes[1], Outcome::Joins { row: 1 });
    let another = Refusal::AddressOfAnotherPerson { row: Some(1) };
    assert_eq!(outcomes[2], Outcome::Refused(another));
}

/// Two people on record must not become one through a third row that only has their name.
#[test]
fn two_recorded_people_of_one_name_stay_two() {
    let contacts = contacts();
    let known = |number, n: Option<u8>, about| Row {
        identity: Identity {
            person: n.map(person),
            ..identity(None, Some("Ana Ruiz"))
        },
        ..row(&contacts, number, "P1", "ana@example.org", about)
    };
    let rows = [
        known(1, None, 1),
        known(2, Some(50), 2),
        known(3, Some(51), 3),
    ];
    let outcomes = outcomes(rows, &facts());
    assert_eq!(outcomes[1], Outcome::Joins { row: 1 });
    assert_eq!(ready(&outcomes[0]).person, Some(person(50)));
    let another = Refusal::AddressOfAnotherPerson { row: Some(1) };
    assert_eq!(outcomes[2], Outcome::Refused(another));
}

#[test]
fn one_person_is_invited_at_one_address() {
    let contacts = contacts();
    let rows = [
        row(&contacts, 1, "P1", "ana@example.org", 1),
        row(&contacts, 2, "P1", "ruiz@example.org", 2),
    ];
    let outcomes = outcomes(rows, &facts());
    assert_eq!(
        outcomes[1],
        Outcome::Refused(Refusal::PersonAtOtherAddress { row: 1 })
    );
}

/// Design 9.7: one membership; the oath that the carrying invitation needs is asked of each row.
#[test]
fn a_row_that_joins_answers_to_the_rule_of_the_row_that_carries_it() {
    let (contacts, residents) = (contacts(), residents());
    let first = row(&contacts, 1, "P1", "ana@example.org", 1);
    let own = Row {
        sworn: None,
        ..row(&residents, 2, "P1", "ana@example.org", 2)
    };
    let outcomes = outcomes([first, own], &facts());
    assert_eq!(outcomes[1], Outcome::Refused(Refusal::NoAttestation));
}

fn open_with(subjects: impl IntoIterator<Item = u8>) -> AddressStanding {
    let subjects = subjects.into_iter().map(subject).collect();
    let open = Some(OpenInvitation {
        id: invitation_id(7),
        subjects,
    });
    let holder = Some(identity(Some("P1"), None));
    AddressStanding {
        holder,
        open,
        member: None,
    }
}

/// Design 5: "Another subject for an address with an open invitation is `amend`".
#[test]
fn an_open_invitation_is_amended_once_for_all_new_subjects() {
    let contacts = contacts();
    let facts = facts().with_address(address(), open_with([1]));
    let to = "ana.ruiz@example.org";
    let rows = [1, 2, 3].map(|n| row(&contacts, n.into(), "P1", to, n));
    let outcomes = outcomes(rows, &facts);
    let invitation = invitation_id(7);
    assert_eq!(
        outcomes[0],
        Outcome::Refused(Refusal::AlreadyOpen { invitation })
    );
    let Outcome::Amend(amendment) = &outcomes[1] else {
        panic!("{outcomes:?}")
    };
    assert_eq!(amendment.add, [subject_offer(2), subject_offer(3)]);
    assert_eq!(amendment.rows, [2, 3]);
    assert_eq!(outcomes[2], Outcome::Joins { row: 2 });
}

#[test]
fn an_open_invitation_holds_ten_subjects_in_all() {
    let contacts = contacts();
    let to = "ana.ruiz@example.org";
    let nine = facts().with_address(address(), open_with(20..29));
    let rows = [1, 2].map(|n| row(&contacts, n.into(), "P1", to, n));
    let outcomes = outcomes(rows, &nine);
    assert!(matches!(outcomes[0], Outcome::Amend(_)));
    assert_eq!(outcomes[1], Outcome::Refused(Refusal::TooManySubjects));
    let ten = facts().with_address(address(), open_with(20..30));
    let full = only(row(&contacts, 1, "P1", to, 1), &ten);
    assert_eq!(full, Outcome::Refused(Refusal::TooManySubjects));
}

/// Design 5: "For a member there is no invitation: the grant is made directly".
#[test]
fn a_member_is_granted_to_directly() {
    let contacts = contacts();
    let member = TenantMember {
        membership: member(9),
        subjects: [subject(1)].into(),
    };
    let membership = member.membership;
    let holder = Some(identity(Some("P1"), None));
    let standing = AddressStanding {
        holder,
        open: None,
        member: Some(member),
    };
    let facts = facts().with_address(address(), standing);
    let to = "ana.ruiz@example.org";
    let rows = [1, 2, 2].map(|about| row(&contacts, about.into(), "P1", to, about));
    let outcomes = outcomes(rows, &facts);
    assert_eq!(
        outcomes[0],
        Outcome::Refused(Refusal::AlreadyMember { membership })
    );
    let Outcome::GrantDirectly(grant) = &outcomes[1] else {
        panic!("{outcomes:?}")
    };
    assert_eq!(
        (grant.membership, &grant.subject),
        (membership, &subject_offer(2))
    );
    assert_eq!(grant.sworn, sworn([2]));
    assert_eq!(
        outcomes[2],
        Outcome::Refused(Refusal::DuplicateInFile { row: 2 })
    );
}

#[test]
fn staff_are_invited_without_subjects() {
    let staff = Template {
        policy: staff_policy(),
        ..residents()
    };
    let bare = |number, to: &str| Row {
        subject: None,
        profile: None,
        sworn: None,
        identity: Identity::default(),
        ..row(&staff, number, "P1", to, 1)
    };
    let rows = [
        bare(1, "ana@example.org"),
        bare(2, "eva@example.org"),
        bare(3, "ana@example.org"),
    ];
    let outcomes = outcomes(rows, &facts());
    assert!(ready(&outcomes[0]).offer.subjects().is_empty());
    assert!(matches!(outcomes[1], Outcome::Ready(_)));
    assert_eq!(
        outcomes[2],
        Outcome::Refused(Refusal::DuplicateInFile { row: 1 })
    );
}

/// Study complaint 29: one bad row aborted a bulk invite, or all reasons collapsed into one.
#[test]
fn counts_name_each_reason_and_add_up() {
    let contacts = contacts();
    let rows = [
        row(&contacts, 1, "P1", "ana@example.org", 1),
        row(&contacts, 2, "P2", "", 1),
        row(&contacts, 3, "P3", "ana", 1),
        row(&contacts, 4, "P1", "ana@example.org", 2),
        row(&contacts, 5, "P5", "ana@example.org", 3),
        row(&contacts, 6, "P6", "", 3),
    ];
    let counts = plan(rows, &facts(), START).counts();
    assert_eq!((counts.ready, counts.joins), (1, 1));
    let refused: Vec<_> = counts.refused.iter().map(|(name, n)| (*name, *n)).collect();
    assert_eq!(
        refused,
        [
            ("address_of_another_person", 1),
            ("bad_address", 1),
            ("no_address", 2)
        ]
    );
    assert_eq!(counts.total(), 6);
    assert_eq!(Plan::default().counts().total(), 0);
}

#[test]
fn a_planned_invitation_can_be_issued() {
    let contacts = contacts();
    let rows = [1, 2].map(|n| row(&contacts, n.into(), "P1", "ana.ruiz@example.org", n));
    let outcome = outcomes(rows, &facts()).swap_remove(0);
    let Outcome::Ready(planned) = outcome else {
        panic!("{outcome:?}")
    };
    let issue = planned.into_issue(
        invitation_id(1),
        tenant(),
        Sponsor::Member(member(1)),
        SponsorVerdict::Within,
        AddressStanding::default(),
        digest(1),
    );
    let (invitation, _) = Invitation::issue(issue, &contacts.policy, START).unwrap();
    assert_eq!(invitation.attested().len(), 2);
}

/// ASVS 16.2.5.
#[test]
fn debug_output_of_a_row_shows_no_address() {
    let contacts = contacts();
    let row = Row {
        identity: identity(None, Some("Ana Ruiz")),
        ..row(&contacts, 1, "P1", "ana@example.org", 1)
    };
    let text = format!("{row:?}");
    assert!(!text.contains("ana@") && !text.contains("Ruiz"), "{text}");
}
