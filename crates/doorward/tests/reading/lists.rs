//! Lists: the Connect Center, invitations, members, forms.

use std::collections::BTreeSet;

use doorward::{
    ContactRow, Error, Fault, Grant, GrantForm, InvitationRow, Invite, ManageGroups, ManageMembers,
    OwnAccount, Page, PageMark, ViewAccess,
    audit::report::{AccessStatus, LevelsHeld},
    identity::Link,
    invitations::{Confirmed, DeclineReason, Status},
    mailer::MailErrorKind,
    storage::Limit,
    types::{Channel, Delivery, GroupId, Offer, PersonId, RoleName, Window},
};
use time::Duration;

use crate::world::{Member, P, World, all, email, kind, name, run, statement, subject};

fn contact(world: &World, resident: PersonId) -> ContactRow {
    let permit = world.permit(ViewAccess);
    let page = run(world.door.resident_access(&permit, subject(resident))).unwrap();
    assert_eq!(page.contacts.len(), 1);
    page.contacts.into_iter().next().unwrap()
}

/// ALIS: "Once the invite has been sent, the Profile column will display the 'Invited' status,
/// invitation timestamp details, and a notification that the 'Invitation expires in 30 days'"; "Once
/// a user has been invited, their status will update to 'Connected.'"
#[test]
fn a_contact_is_never_invited_then_invited_then_connected_then_disabled() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let eva = world.contact("Eva Abel", "eva@example.org", ruth);
    let row = contact(&world, ruth);
    assert_eq!(
        (row.status, row.invitation.is_some()),
        (AccessStatus::NeverInvited, false)
    );
    assert_eq!(
        (row.relation, row.link),
        (Some(name("daughter")), Some(Link::Listed))
    );

    world.wait(Duration::hours(1));
    world.invite_contact("eva@example.org", eva, ruth);
    let row = contact(&world, ruth);
    let invitation = row.invitation.unwrap();
    assert_eq!((row.status, row.membership), (AccessStatus::Invited, None));
    assert_eq!(invitation.invited_at, world.now());
    assert_eq!(invitation.expires_in_days(), Some(30));
    assert_eq!(invitation.delivery.status, Delivery::Queued);

    let joined = world.accept("eva@example.org", "Eva Abel");
    let row = contact(&world, ruth);
    assert_eq!(row.status, AccessStatus::Connected);
    assert_eq!(row.membership, Some(joined.membership));
    assert_eq!(row.profile, Some((world.profiles[0], name("Family"))));
    assert_eq!(row.account_email, Some(email("eva@example.org")));

    world.disable(joined.membership);
    assert_eq!(contact(&world, ruth).status, AccessStatus::Disabled);
}

/// Design 9.2: "expired shows as expired"; 9.1: exactly at the end is.
#[test]
fn an_invitation_shows_as_expired_exactly_at_its_end() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let eva = world.contact("Eva Abel", "eva@example.org", ruth);
    world.invite_contact("eva@example.org", eva, ruth);
    world.wait(Duration::days(30) - Duration::MICROSECOND);
    let row = contact(&world, ruth);
    assert_eq!(row.status, AccessStatus::Invited);
    assert_eq!(row.invitation.unwrap().expires_in_days(), Some(1));
    world.wait(Duration::MICROSECOND);
    let row = contact(&world, ruth);
    assert_eq!(row.status, AccessStatus::InvitationExpired);
    assert_eq!(row.invitation.unwrap().expires_in_days(), None);
}

/// Design 9.10: "declines with `NotMe`, which the sponsor sees".
#[test]
fn a_declined_invitation_shows_why() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let eva = world.contact("Eva Abel", "eva@example.org", ruth);
    world.invite_contact("eva@example.org", eva, ruth);
    let link = world.link("eva@example.org");
    let declined =
        world
            .door
            .decline_by_link(&link, DeclineReason::NotMe, Confirmed::by_post(), None);
    run(declined).unwrap();
    let row = contact(&world, ruth);
    assert_eq!(row.status, AccessStatus::Declined);
    assert_eq!(row.invitation.unwrap().declined, Some(DeclineReason::NotMe));
}

/// ALIS "Manage ALIS Connect Access": an invitation over one resident is none over another.
#[test]
fn an_invitation_over_one_resident_is_none_over_another() {
    let world = World::new();
    let (ruth, otto) = (world.resident("Ruth Abel"), world.resident("Otto Abel"));
    let eva = world.contact("Eva Abel", "eva@example.org", ruth);
    world.relate(eva, otto, "niece", Link::Listed);
    world.invite_contact("eva@example.org", eva, ruth);
    assert_eq!(contact(&world, ruth).status, AccessStatus::Invited);
    assert_eq!(contact(&world, otto).status, AccessStatus::NeverInvited);
    world.accept("eva@example.org", "Eva Abel");
    assert_eq!(contact(&world, ruth).status, AccessStatus::Connected);
    assert_eq!(contact(&world, otto).status, AccessStatus::NeverInvited);
}

/// ALIS "Connect Center > Access tab": residents by name, in pages, each once.
#[test]
fn the_connect_center_lists_every_resident_once_whatever_the_page() {
    let world = World::new();
    let names = [
        "Ruth Abel",
        "Otto Bauer",
        "Ida Conrad",
        "Max Dorn",
        "Uwe Ernst",
    ];
    for called in names {
        world.resident(called);
    }
    world.person("contact", "Nobody's Contact", None);
    let permit = world.permit(ViewAccess);
    for size in 1..=6 {
        let limit = Limit::new(size).unwrap();
        let rows = whole(|after| {
            run(world
                .door
                .access_rows(&permit, &kind("resident"), after, limit))
            .unwrap()
        });
        let listed: Vec<_> = rows.iter().map(|row| row.resident.name.as_str()).collect();
        let mut sorted = names;
        sorted.sort_by_key(|called| name(called).folded());
        assert_eq!(listed, sorted);
        assert!(
            rows.iter()
                .all(|row| row.resident.status == AccessStatus::NeverInvited)
        );
    }
}

fn whole<T>(mut page: impl FnMut(Option<&PageMark>) -> Page<T>) -> Vec<T> {
    let (mut rows, mut after): (Vec<T>, Option<PageMark>) = (Vec::new(), None);
    loop {
        let next = page(after.as_ref());
        rows.extend(next.rows);
        // A mark survives the way through a host's page.
        after = next.next.map(|mark| mark.to_string().parse().unwrap());
        if after.is_none() {
            return rows;
        }
    }
}

#[test]
fn a_text_that_is_no_page_mark_is_refused() {
    for text in ["", "0", "01", "zz", "next", &"f".repeat(64)] {
        assert!(text.parse::<PageMark>().is_err(), "{text}");
    }
}

/// ASVS 8.4.1: a mark opens nothing, the permit says whose list is read.
#[test]
fn a_mark_of_one_tenant_reads_nothing_of_it_in_another() {
    let world = World::new();
    for called in ["Ruth Abel", "Otto Bauer"] {
        world.resident(called);
    }
    let permit = world.permit(ViewAccess);
    let first = run(world
        .door
        .access_rows(&permit, &kind("resident"), None, Limit::ONE));
    let mark = first.unwrap().next.unwrap();
    let (_, stranger) = world.community("Oak Court", "oskar@example.org");
    let permit = world.permit_of(&stranger, ViewAccess);
    let rows = run(world
        .door
        .access_rows(&permit, &kind("resident"), Some(&mark), all()));
    assert!(rows.unwrap().rows.is_empty());
}

/// ALIS: "Email: ... Any email already saved to the contact profile will pre-populate in this
/// field"; "User Profile: Select what access you will grant"; "Confirmation: Select the checkbox".
#[test]
fn the_invite_form_is_filled_from_the_contact_and_asks_for_profile_and_confirmation() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let eva = world.contact("Eva Abel", "eva@example.org", ruth);
    let permit = world.permit(Invite);
    let form = run(world.door.invite_form(&permit, eva, Some(subject(ruth)))).unwrap();
    assert_eq!(form.email, Some(email("eva@example.org")));
    assert_eq!(form.name, Some(name("Eva Abel")));
    let offered: Vec<_> = form
        .profiles
        .iter()
        .map(|profile| profile.name.as_str())
        .collect();
    assert_eq!(offered, ["Bills", "Family"]);
    assert_eq!(form.statement, Some(statement()));
    assert_eq!(form.lifetime.as_seconds(), 30 * 24 * 60 * 60);
    assert!(form.open.is_none());

    let invitation = world.invite_contact("eva@example.org", eva, ruth);
    let form = run(world.door.invite_form(&permit, eva, Some(subject(ruth)))).unwrap();
    assert_eq!(form.open.unwrap().invitation, invitation);
}

/// Design 9.2: "The one-click resident invite ... needs no attestation (residents see their own
/// record)".
#[test]
fn a_resident_is_invited_to_their_own_record_without_a_confirmation() {
    let world = World::new();
    let ruth = world.person("resident", "Ruth Abel", Some("ruth@example.org"));
    let permit = world.permit(Invite);
    let form = run(world.door.invite_form(&permit, ruth, Some(subject(ruth)))).unwrap();
    assert_eq!((form.statement, form.kind), (None, kind("resident")));
}

/// Kalix: "Enable and disable the desired Permissions"; design 9.3: what is pre-selected.
#[test]
fn the_form_of_a_kind_offers_its_roles_with_their_switches() {
    let world = World::new();
    let permit = world.permit(Invite);
    let form = run(world.door.invite_form_of(&permit, &kind("staff"))).unwrap();
    let roles: Vec<_> = form
        .roles
        .iter()
        .map(|choice| choice.role.as_str())
        .collect();
    assert_eq!(roles, ["caregiver", "coordinator", "director"]);
    for choice in &form.roles {
        let expected = world
            .door
            .catalog()
            .preselected(&kind("staff"), Some(&choice.role));
        assert_eq!(choice.switches, expected);
    }
    assert_eq!(form.lifetime.as_seconds(), 7 * 24 * 60 * 60);
    let unknown = run(world.door.invite_form_of(&permit, &kind("robot")));
    assert!(matches!(unknown, Err(Error::Fault(Fault::SetUp { .. }))));
}

/// ALIS "View Email Statuses": "verify the delivery status of your invitations".
#[test]
fn the_email_statuses_tell_what_became_of_each_mail() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    for address in ["eva@example.org", "emil@example.org"] {
        let person = world.contact(address, address, ruth);
        world.invite_contact(address, person, ruth);
    }
    world.mailer.fail_next(MailErrorKind::Permanent);
    world.dispatch();
    let permit = world.permit(ViewAccess);
    let rows = whole(|after| run(world.door.email_statuses(&permit, after, Limit::ONE)).unwrap());
    let mut told: Vec<_> = rows.iter().map(|row| row.delivery.status).collect();
    told.sort_unstable();
    // The director's own invitation was sent before.
    assert_eq!(told, [Delivery::Sent, Delivery::Sent, Delivery::Bounced]);
    assert!(
        rows.iter()
            .skip(1)
            .all(|row| row.sponsor_name == Some(name("Dana Reyes")))
    );
}

/// Kalix: "You should now see the new user as a pending invitation"; ALIS: "expires in".
#[test]
fn pending_invitations_come_in_the_order_in_which_they_expire() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let eva = world.contact("Eva Abel", "eva@example.org", ruth);
    world.invite_contact("eva@example.org", eva, ruth);
    let role = RoleName::new("caregiver").unwrap();
    let staff = Offer::of(kind("staff")).with_role(role);
    world.invite("cleo@example.org", None, staff);
    let permit = world.permit(ViewAccess);
    let pending =
        || whole(|after| run(world.door.pending_invitations(&permit, after, Limit::ONE)).unwrap());
    let addresses = |rows: &[InvitationRow]| {
        let each = rows.iter().map(|row| row.address.original().to_owned());
        each.collect::<Vec<_>>()
    };
    assert_eq!(
        addresses(&pending()),
        ["cleo@example.org", "eva@example.org"]
    );
    world.wait(Duration::days(7));
    let statuses: Vec<_> = pending().iter().map(|row| row.status).collect();
    assert_eq!(statuses, [Status::Expired, Status::Invited]);
    world.accept("eva@example.org", "Eva Abel");
    assert_eq!(addresses(&pending()), ["cleo@example.org"]);
}

/// Design 5: expired is computed. That somebody noted it moves an invitation to no other place.
#[test]
fn an_expiry_that_was_noted_keeps_its_place_among_the_pending() {
    let world = World::new();
    let role = RoleName::new("caregiver").unwrap();
    let staff = || Offer::of(kind("staff")).with_role(role.clone());
    let address = |n: i64| format!("p{n}@example.org");
    for day in 0..6 {
        world.invite(&address(day), None, staff());
        world.wait(Duration::DAY);
    }
    // Two of six have expired, and the second of these after the sweep.
    world.wait(Duration::DAY);
    assert_eq!(run(world.door.sweep(world.now())).unwrap().expiry_count, 1);
    world.wait(Duration::DAY);
    let permit = world.permit(ViewAccess);
    for limit in 1..=7 {
        let limit = Limit::new(limit).unwrap();
        let read =
            |after: Option<&_>| run(world.door.pending_invitations(&permit, after, limit)).unwrap();
        assert_eq!(read(None).rows.len(), limit.count().min(6));
        let pending = whole(read);
        let addresses: Vec<_> = pending.iter().map(|row| row.address.original()).collect();
        assert_eq!(addresses, (0..6).map(address).collect::<Vec<_>>());
        let expired = pending.iter().filter(|row| row.status == Status::Expired);
        assert_eq!(expired.count(), 2);
    }
}

/// Kalix: "You can view the other users in your account via the User Management page".
#[test]
fn the_members_list_tells_role_levels_and_status() {
    let world = World::new();
    let cleo = world.staff("cleo@example.org", "caregiver", &[]);
    let olga = world.office("olga@example.org");
    world.disable(cleo.id());
    let permit = world.permit(ViewAccess);
    let rows = whole(|after| run(world.door.members(&permit, after, Limit::ONE)).unwrap());
    let of = |member| rows.iter().find(|row| row.membership == member).unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(of(cleo.id()).status, AccessStatus::Disabled);
    assert_eq!(
        of(cleo.id()).role,
        Some(RoleName::new("caregiver").unwrap())
    );
    assert_eq!(of(olga.id()).levels, LevelsHeld::Unrestricted);
    assert_eq!(of(olga.id()).status, AccessStatus::Connected);
    assert_eq!(of(world.director.membership).name, Some(name("Dana Reyes")));
    assert_eq!(
        of(world.director.membership).email,
        Some(email("dana@example.org"))
    );
}

/// Kalix "Show on Calendar": "Hide specific users as schedulable clinicians".
#[test]
fn schedulable_clinicians_are_those_shown_on_the_calendar_and_connected() {
    let world = World::new();
    let cleo = world.staff("cleo@example.org", "caregiver", &[]);
    let carl = world.staff("carl@example.org", "caregiver", &[]);
    // A coordinator has the switch and not the permission; the director has it switched off.
    world.staff("cora@example.org", "coordinator", &[]);
    world.disable(carl.id());
    let permit = world.permit_of(&cleo.session, OwnAccount);
    let page = run(world
        .door
        .members_holding(&permit, P::BE_SCHEDULED, None, all()))
    .unwrap();
    let listed: Vec<_> = page.rows.iter().map(|row| row.membership).collect();
    assert_eq!(listed, [cleo.id()]);
}

/// Kalix: "Under the Invite Requests section of this page, click Accept."
#[test]
fn invite_requests_are_those_open_to_the_own_verified_address_in_any_tenant() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let eva = world.family("eva@example.org", ruth);
    let (_, other) = world.community("Oak Court", "oskar@example.org");
    let invite = |address: &str| {
        let role = RoleName::new("caregiver").unwrap();
        let form = doorward::NewInvitation {
            address: email(address),
            person: None,
            name: Some(name("Eva Abel")),
            offer: Offer::of(kind("staff")).with_role(role),
            sworn: [].into(),
        };
        run(world.door.invite(world.permit_of(&other, Invite), form)).unwrap()
    };
    let invited = invite("eva@example.org");
    invite("emil@example.org");
    let requests = || {
        let permit = world.permit_of(&eva.session, OwnAccount);
        run(world.door.invite_requests(&permit)).unwrap()
    };
    let [request] = requests().try_into().unwrap();
    assert_eq!(request.invitation, invited.invitation);
    assert_eq!(
        (request.tenant, request.tenant_name),
        (other.tenant, name("Oak Court"))
    );
    assert_eq!(request.role, Some(RoleName::new("caregiver").unwrap()));
    assert_eq!(request.expires_at, invited.expires_at);
    world.wait(Duration::days(7));
    assert!(
        requests().is_empty(),
        "an expired invitation can be answered no more"
    );
}

/// A connected contact sees their own page through the portal alone, and lists need an
/// administrator (design 4: administration is itself permissions).
#[test]
fn a_contact_reads_no_list() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let eva = world.family("eva@example.org", ruth);
    let session = world.sign_in(eva.joined, "eva@example.org", Channel::Portal);
    let refused = run(world.door.authorise(&session, ViewAccess));
    assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
}

/// Kalix: "User groups can be used to categorize providers by their specialty area"; a group that
/// was deleted is nobody's.
#[test]
fn members_are_listed_with_their_groups_and_groups_with_their_members() {
    let world = World::new();
    let cleo = world.staff("cleo@example.org", "caregiver", &[]);
    let carl = world.staff("carl@example.org", "caregiver", &[]);
    let create = |called| {
        run(world
            .door
            .create_group(world.permit(ManageGroups), name(called)))
        .unwrap()
    };
    let (north, diet) = (create("North"), create("Dietitians"));
    let assign = |member: &Member, groups: &[GroupId]| {
        let groups = groups.iter().copied().collect();
        let permit = world.permit(ManageGroups);
        run(world.door.assign_groups(permit, member.id(), groups)).unwrap();
    };
    assign(&cleo, &[north, diet]);
    assign(&carl, &[north]);
    let permit = world.permit(ViewAccess);
    let groups = |member: &Member| {
        let rows = whole(|after| run(world.door.members(&permit, after, Limit::ONE)).unwrap());
        let row = rows.into_iter().find(|row| row.membership == member.id());
        let groups = row.unwrap().groups.into_iter();
        groups.map(|(_, called)| called).collect::<Vec<_>>()
    };
    assert_eq!(groups(&cleo), [name("Dietitians"), name("North")]);
    assert_eq!(groups(&carl), [name("North")]);
    let in_north = || {
        let rows = whole(|after| {
            run(world.door.group_members(&permit, north, after, Limit::ONE)).unwrap()
        });
        rows.iter()
            .map(|row| row.membership)
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(in_north(), BTreeSet::from([cleo.id(), carl.id()]));
    let removed = world
        .door
        .remove_member(world.permit(ManageMembers), carl.id());
    run(removed).unwrap();
    assert_eq!(in_north(), BTreeSet::from([cleo.id()]));
    run(world.door.delete_group(world.permit(ManageGroups), diet)).unwrap();
    assert_eq!(groups(&cleo), [name("North")]);
    // What is left of the deleted group and of who was removed goes with the sweep, once.
    assert_eq!(run(world.door.sweep(world.now())).unwrap().tag_count, 2);
    assert_eq!(run(world.door.sweep(world.now())).unwrap().tag_count, 0);
    assert_eq!(groups(&cleo), [name("North")]);
}

/// Design 9.2: "taking one subject away is revoking a grant".
#[test]
fn a_revoked_grant_ends_one_subject_and_leaves_the_others() {
    let world = World::new();
    let (ruth, otto) = (world.resident("Ruth Abel"), world.resident("Otto Abel"));
    let eva = world.family("eva@example.org", ruth);
    world.relate(world.person_of(&eva), otto, "niece", Link::Listed);
    let form = GrantForm {
        member: eva.id(),
        subject: subject(otto),
        profile: world.profiles[1],
        window: Window::since(world.now()),
        sworn: Some(statement()),
    };
    let given = run(world.door.grant(world.permit(Grant), form)).unwrap();
    let row = contact(&world, otto);
    assert_eq!(
        (row.status, row.grant),
        (AccessStatus::Connected, Some(given))
    );
    run(world.door.revoke_grant(world.permit(Grant), given)).unwrap();
    let row = contact(&world, otto);
    assert_eq!(
        (row.status, row.grant, row.profile),
        (AccessStatus::Ended, None, None)
    );
    assert_eq!(contact(&world, ruth).status, AccessStatus::Connected);
}

/// The list shows who holds a grant, on record as a contact or not: nobody is overlooked.
#[test]
fn who_holds_a_grant_without_being_on_record_is_listed_too() {
    let world = World::new();
    let (ruth, otto) = (world.resident("Ruth Abel"), world.resident("Otto Abel"));
    let eva = world.family("eva@example.org", ruth);
    let form = GrantForm {
        member: eva.id(),
        subject: subject(otto),
        profile: world.profiles[1],
        window: Window::since(world.now()),
        sworn: Some(statement()),
    };
    run(world.door.grant(world.permit(Grant), form)).unwrap();
    let row = contact(&world, otto);
    assert_eq!((row.relation, row.membership), (None, Some(eva.id())));
    assert_eq!(row.status, AccessStatus::Connected);
}

/// Design 9.7: staff who is also a family contact has one membership; what they see as staff counts.
#[test]
fn staff_on_record_as_a_contact_is_connected_without_a_grant() {
    let world = World::new();
    let ruth = world.resident("Ruth Abel");
    let carl = world.staff("carl@example.org", "caregiver", &[]);
    world.relate(world.person_of(&carl), ruth, "son", Link::Listed);
    let row = contact(&world, ruth);
    assert_eq!((row.status, row.grant), (AccessStatus::Connected, None));
}
