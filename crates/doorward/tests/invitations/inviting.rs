//! Issuing, sending again, amending, revoking.

use std::{collections::BTreeSet, sync::mpsc};

use doorward::{
    AmendForm, Error, Fault, Invite, InviteRejection, OwnAccount, ViewAccess,
    invitations::{
        AmendRejection, IssueRejection, ResendRejection, RevokeRejection, Shortfall, Status,
        TokenRefusal,
    },
    storage::Limit,
    types::{EmailAddress, InvitationId, Levels, Offer},
};
use time::Duration;

use crate::fixture::{House, block_on, email, invitation, kind, request, staff, sworn};

fn rule<R>(error: Error<InviteRejection<R>>) -> R {
    match error {
        Error::Rejected(InviteRejection::Rule(rule)) => rule,
        _ => panic!("a rule refuses it"),
    }
}

fn amend(house: &House, id: InvitationId, form: AmendForm) -> Result<(), AmendRejection> {
    let amended = house
        .door
        .amend_invitation(house.director(Invite), id, form);
    block_on(amended).map(|_| ()).map_err(rule)
}

/// Kalix: "the invited user will receive an email"; design 2: one commit with its audit entry and
/// its mail.
#[test]
fn inviting_is_one_entry_and_one_mail_with_a_link() {
    let house = House::open();
    let (invited, noted) = house.noting(|| house.invite("cleo@example.org", staff("clinical")));
    assert_eq!(noted, ["invitation.issue"]);
    assert_eq!(invited.expires_at, house.now() + Duration::days(7));
    let mails = house.mails_to("cleo@example.org");
    assert_eq!(mails.len(), 1);
    assert!(mails[0].link().is_some());
}

/// Design 5: "One open invitation per address and tenant".
#[test]
fn an_address_with_an_open_invitation_is_not_invited_again() {
    let house = House::open();
    let first = house.invite("cleo@example.org", staff("clinical"));
    let again = house.invite_by(
        &house.director.session,
        "CLEO@Example.org",
        staff("clinical"),
    );
    let invitation = first.invitation;
    assert_eq!(
        rule(again.unwrap_err()),
        IssueRejection::AlreadyOpen { invitation }
    );
}

/// Design 3: "A replay answers the first outcome", also where both came at once and the second found
/// what the first had made.
#[test]
fn an_invitation_asked_for_twice_at_once_is_answered_as_its_twin() {
    let house = House::open();
    let form = || invitation("cleo@example.org", staff("clinical"));
    let permit = || house.director(Invite).for_request(request(1));
    let (other, twin) = (house.second_process(), permit());
    let (told, first) = mpsc::channel();
    let same = form();
    // After the look for a receipt, before that for an open invitation.
    house.at_draw(0, move || {
        told.send(block_on(other.invite(twin, same)).unwrap())
            .unwrap();
    });
    let (outcome, noted) = house.noting(|| block_on(house.door.invite(permit(), form())));
    assert_eq!(outcome.unwrap(), first.recv().unwrap());
    assert_eq!(noted, ["invitation.issue"], "nothing is refused");
    assert_eq!(house.mails_to("cleo@example.org").len(), 1);
}

/// Design 5: "an expired one never blocks a new one". Kalix: after 7 days a new invitation is sent.
#[test]
fn an_expired_invitation_gives_its_place_to_a_new_one() {
    let house = House::open();
    let old = house.invite("cleo@example.org", staff("clinical"));
    let old_link = house.link_to("cleo@example.org");
    house.pass(Duration::days(7));
    let (new, noted) = house.noting(|| house.invite("cleo@example.org", staff("clinical")));
    assert_ne!(old.invitation, new.invitation);
    assert_eq!(noted, ["invitation.issue"], "one entry a command");
    let inspected = block_on(house.door.inspect_invitation(&old_link));
    assert_eq!(
        inspected.unwrap_err().rejection(),
        Some(&TokenRefusal::Unusable)
    );
    house.accept("cleo@example.org");
}

#[test]
fn an_address_of_another_person_here_is_refused() {
    let house = House::open();
    let holder = house.person("Ada Long", "contact", Some("ada@example.org"));
    let other = house.person("Bea Long", "contact", None);
    let subject = house.residents(1);
    let mut form = invitation("ada@example.org", house.contact_of(&subject));
    form.person = Some(other);
    let refused = block_on(house.door.invite(house.director(Invite), form)).unwrap_err();
    let holder = Some(holder);
    assert_eq!(
        rule(refused),
        IssueRejection::AddressOfAnotherPerson { holder }
    );
}

#[test]
fn a_member_is_not_invited() {
    let house = House::open();
    let member = house.member("cleo@example.org", staff("clinical"));
    let refused = house
        .invite_by(
            &house.director.session,
            "cleo@example.org",
            staff("clinical"),
        )
        .unwrap_err();
    let membership = member.membership;
    assert_eq!(rule(refused), IssueRejection::AlreadyMember { membership });
}

/// Design 4: "each gain must lie within what the actor may give".
#[test]
fn nobody_offers_more_than_they_may_give() {
    let house = House::open();
    let coordinator = house.member("cory@example.org", staff("coordinator"));
    let subject = house.residents(1)[0];
    let family = house.contact_of(&[subject]);
    let bills = Offer::of(kind("contact"))
        .with_subject(house.over(subject, house.bills()))
        .unwrap();
    let by = &coordinator.session;
    house.invite_by(by, "one@example.org", family).unwrap();
    for offer in [bills, staff("director")] {
        let (refused, noted) = house.noting(|| house.invite_by(by, "two@example.org", offer));
        assert!(matches!(
            rule(refused.unwrap_err()),
            IssueRejection::AboveCeiling(Shortfall::Permissions(_))
        ));
        assert_eq!(noted, ["act.refuse/above_ceiling"]);
    }
}

/// ALIS: "Select the checkbox to confirm that this user is authorized to view the resident's
/// sensitive information."
#[test]
fn a_contact_is_not_invited_without_the_oath_for_each_subject() {
    let house = House::open();
    let subjects = house.residents(2);
    let mut form = invitation("ana@example.org", house.contact_of(&subjects));
    form.sworn.remove(&subjects[1].into());
    let refused = block_on(house.door.invite(house.director(Invite), form)).unwrap_err();
    let missing = vec![subjects[1].into()];
    assert_eq!(
        rule(refused),
        IssueRejection::NoAttestation { subjects: missing }
    );
}

/// ASVS 8.4.1: what another tenant has is told like what nobody has.
#[test]
fn a_subject_of_another_tenant_is_unknown() {
    let house = House::open();
    house.second_tenant("eve@example.org");
    let eve = house.link_to("eve@example.org");
    assert!(!eve.is_empty());
    let foreign = {
        let other = House::open();
        other.pass(Duration::days(1));
        other.residents(1)[0]
    };
    let offer = house.contact_of(&[foreign]);
    let (refused, noted) =
        house.noting(|| house.invite_by(&house.director.session, "ana@example.org", offer));
    assert!(matches!(
        refused,
        Err(Error::Fault(Fault::Unknown { what: "subject" }))
    ));
    assert!(noted.is_empty(), "a fault is not the principal's doing");
}

#[test]
fn an_unknown_role_does_not_fit_and_leaves_one_denied_entry() {
    let house = House::open();
    let offer = staff("astronaut");
    let (refused, noted) =
        house.noting(|| house.invite_by(&house.director.session, "ana@example.org", offer));
    assert!(matches!(
        refused,
        Err(Error::Rejected(InviteRejection::Offer(_)))
    ));
    assert_eq!(noted, ["act.refuse/unknown_role"]);
}

/// Issue 2: "Input that does not parse leaves no trace".
#[test]
fn input_that_does_not_parse_leaves_no_trace() {
    let house = House::open();
    let before = house.stored();
    assert!(EmailAddress::new("not an address").is_err());
    for link in [
        "",
        "#",
        "#dw1_",
        "dw1_x",
        "https://care.example.org/accept#dw1_AAAA",
        "\0",
    ] {
        let inspected = block_on(house.door.inspect_invitation(link));
        assert_eq!(
            inspected.unwrap_err().rejection(),
            Some(&TokenRefusal::Unusable),
            "{link}"
        );
    }
    assert_eq!(house.stored(), before);
}

/// Design 3: "A replay answers the first outcome less its secrets".
#[test]
fn the_same_request_invites_once_and_another_one_under_its_id_is_refused() {
    let house = House::open();
    let invite = |address: &str| {
        let permit = house.director(Invite).for_request(request(1));
        let form = invitation(address, staff("clinical"));
        block_on(house.door.invite(permit, form))
    };
    let first = invite("cleo@example.org").unwrap();
    let (again, noted) = house.noting(|| invite("cleo@example.org").unwrap());
    assert_eq!(first, again);
    assert!(noted.is_empty());
    assert_eq!(house.mails_to("cleo@example.org").len(), 1);
    // The second of these would be refused, too: it has an invitation that is open.
    let _ = house.invite("invited@example.org", staff("clinical"));
    for another in ["other@example.org", "invited@example.org"] {
        let refused = invite(another);
        assert!(
            matches!(refused, Err(Error::Fault(Fault::RequestReused))),
            "{another}: {refused:?}"
        );
    }
}

/// Design 5: "Resend: same id, next generation, new clock, old link answers 'superseded by a newer
/// mail'".
#[test]
fn sending_again_supersedes_the_earlier_link_and_starts_a_new_clock() {
    let house = House::open();
    let first = house.invite("cleo@example.org", staff("clinical"));
    let old = house.link_to("cleo@example.org");
    house.pass(Duration::days(3));
    let resend = || {
        let permit = house.director(Invite);
        block_on(house.door.resend_invitation(permit, first.invitation)).unwrap()
    };
    let (second, noted) = house.noting(resend);
    assert_eq!(noted, ["invitation.resend"]);
    assert_eq!(second.invitation, first.invitation);
    assert_eq!(second.expires_at, house.now() + Duration::days(7));
    let sent_at = house.now();
    let inspected = block_on(house.door.inspect_invitation(&old)).unwrap_err();
    assert_eq!(
        inspected.rejection(),
        Some(&TokenRefusal::Superseded { sent_at })
    );
    house.accept("cleo@example.org");
}

/// Design 5: "a policy may forbid the latter: Kalix asks for a new invitation".
#[test]
fn an_expired_invitation_is_sent_again_only_where_the_policy_allows_it() {
    let house = House::open();
    let subject = house.residents(1);
    let week = house.invite("cleo@example.org", staff("clinical"));
    let month = house.invite("ana@example.org", house.contact_of(&subject));
    house.pass(Duration::days(30));
    let resend = |id| {
        let permit = house.director(Invite);
        block_on(house.door.resend_invitation(permit, id)).map_err(rule)
    };
    let at = week.expires_at;
    assert_eq!(
        resend(week.invitation),
        Err(ResendRejection::Expired { at })
    );
    assert!(resend(month.invitation).is_ok());
    house.accept("ana@example.org");
}

/// Design 5: "Another subject for an address with an open invitation is `amend`: next generation,
/// new clock, one mail, attestation for each subject."
#[test]
fn amending_adds_and_takes_away_subjects_with_one_new_mail() {
    let house = House::open();
    let residents = house.residents(3);
    let invited = house.invite("ana@example.org", house.contact_of(&residents[..2]));
    let first = house.link_to("ana@example.org");
    let added = house.contact_of(&residents[2..]);
    let form = AmendForm {
        add: added.subjects().to_vec(),
        withdraw: BTreeSet::from([residents[0].into()]),
        sworn: sworn(&added),
    };
    let unsworn = AmendForm {
        sworn: [].into(),
        ..form.clone()
    };
    assert!(matches!(
        amend(&house, invited.invitation, unsworn),
        Err(AmendRejection::NoAttestation { .. })
    ));
    let (amended, noted) = house.noting(|| amend(&house, invited.invitation, form));
    amended.unwrap();
    assert_eq!(noted, ["invitation.amend"]);
    assert_ne!(house.link_to("ana@example.org"), first);
    assert_eq!(house.mails_to("ana@example.org").len(), 2);
    let contact = house.accept("ana@example.org");
    let permit = house.director(ViewAccess);
    let reach = block_on(house.door.reach_of(&permit, contact.membership)).unwrap();
    let shown = format!("{reach:?}");
    assert!(shown.contains(&residents[1].to_string()) && shown.contains(&residents[2].to_string()));
    assert!(!shown.contains(&residents[0].to_string()), "{shown}");
}

/// What is taken away makes room: the offer is judged as it will stand, and never passes unjudged.
#[test]
fn a_swap_of_profiles_in_an_amendment_is_judged_like_any_offer() {
    let house = House::open();
    let coordinator = house.member("cory@example.org", staff("coordinator"));
    let subject = house.residents(1)[0];
    let by = &coordinator.session;
    let invited = house
        .invite_by(by, "ana@example.org", house.contact_of(&[subject]))
        .unwrap();
    let wider = house.over(subject, house.bills());
    let form = AmendForm {
        add: vec![wider],
        withdraw: BTreeSet::from([subject.into()]),
        sworn: sworn(&house.contact_of(&[subject])),
    };
    let permit = house.permit(by, Invite);
    let amended = house
        .door
        .amend_invitation(permit, invited.invitation, form.clone());
    assert!(matches!(
        rule(block_on(amended).unwrap_err()),
        AmendRejection::AboveCeiling(_)
    ));
    amend(&house, invited.invitation, form).unwrap();
}

/// Kalix: "Revoke invitation - removes the invited user's ability to accept the pending invitation".
#[test]
fn a_revoked_invitation_is_not_accepted_and_not_revoked_twice() {
    let house = House::open();
    let invited = house.invite("cleo@example.org", staff("clinical"));
    let link = house.link_to("cleo@example.org");
    let revoke = || {
        let permit = house.director(Invite);
        block_on(house.door.revoke_invitation(permit, invited.invitation))
    };
    let (revoked, noted) = house.noting(revoke);
    revoked.unwrap();
    assert_eq!(noted, ["invitation.revoke"]);
    let inspected = block_on(house.door.inspect_invitation(&link));
    assert_eq!(
        inspected.unwrap_err().rejection(),
        Some(&TokenRefusal::Unusable)
    );
    assert!(matches!(
        revoke(),
        Err(Error::Rejected(RevokeRejection::Closed(_)))
    ));
    house.invite("cleo@example.org", staff("clinical"));
}

/// Design 5: "Hand-off reads the record first: closed, expired or of a newer generation -> settled
/// as `Dropped{reason}`, nothing mailed."
#[test]
fn a_mail_that_was_overtaken_is_dropped() {
    let house = House::open();
    let invited = house.invite("cleo@example.org", staff("clinical"));
    let permit = house.director(Invite);
    block_on(house.door.revoke_invitation(permit, invited.invitation)).unwrap();
    assert_eq!(house.dispatch().dropped_count, 1);
    assert!(house.mails_to("cleo@example.org").is_empty());
}

#[test]
fn closed_and_unknown_invitations_are_not_sent_again_or_amended() {
    let house = House::open();
    let invited = house.invite("cleo@example.org", staff("clinical"));
    house.accept("cleo@example.org");
    let permit = house.director(Invite);
    let resent = block_on(house.door.resend_invitation(permit, invited.invitation));
    assert!(matches!(
        rule(resent.unwrap_err()),
        ResendRejection::Closed(_)
    ));
    let unknown = InvitationId::made_at(house.now(), [9; 10]);
    let permit = house.director(Invite);
    assert!(matches!(
        block_on(house.door.resend_invitation(permit, unknown)),
        Err(Error::Fault(Fault::Unknown { what: "invitation" }))
    ));
    let form = AmendForm::default();
    assert!(matches!(
        amend(&house, invited.invitation, form),
        Err(AmendRejection::Closed(_))
    ));
}

#[test]
fn who_may_not_invite_is_denied_with_one_entry() {
    let house = House::open();
    let clinical = house.member("cleo@example.org", staff("clinical"));
    let (denied, noted) =
        house.noting(|| block_on(house.door.authorise(&clinical.session, Invite)).map(|_| ()));
    assert!(matches!(denied, Err(Error::Denied(_))));
    assert_eq!(noted, ["act.refuse/not_permitted"]);
    assert!(block_on(house.door.authorise(&clinical.session, OwnAccount)).is_ok());
}

#[test]
fn levels_of_an_offer_come_with_the_place() {
    let house = House::open();
    let offer = staff("clinical").with_levels(Levels::from([house.created.levels[0]]));
    house.invite("cleo@example.org", offer);
    let permit = house.director(ViewAccess);
    let page = block_on(house.door.pending_invitations(&permit, None, Limit::MAX)).unwrap();
    let row = page
        .rows
        .iter()
        .find(|row| row.address == email("cleo@example.org"));
    let row = row.expect("it is pending");
    assert_eq!(row.status, Status::Invited);
    assert_eq!(row.offer.levels(), &Levels::from([house.created.levels[0]]));
}
