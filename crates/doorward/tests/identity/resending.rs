//! Sending again what a mailed link did: design 3, "where nobody is signed in the record that the
//! presented secret belongs to".

use std::fmt::Debug;

use doorward::{
    Act, EditLevels, EditProfiles, Invite, ManageAccounts, ManageGroups, ManageMembers,
    NewInvitation, OwnAccount, Permit, Reauthentication, ResetCredentials, SignedIn,
    access::Reach,
    identity::DisabledReason,
    invitations::{Confirmed, Sworn},
    types::{Channel, Levels, Offer, RequestId},
};
use secrecy::ExposeSecret;

use crate::agency::{
    Agency, NOW, OTHER, PASSWORD, block_on, email, kind, name, password, secret, user_name,
};

fn request(n: u8) -> Option<RequestId> {
    Some(RequestId::made_at(NOW, [n; 10]))
}

/// Does it twice under one request id: the second time nothing happens, and the answer is the first.
fn twice<E: std::fmt::Debug>(agency: &Agency, act: impl Fn() -> Result<(), E>) {
    act().unwrap();
    agency.storage.take();
    act().unwrap();
    let calls = agency.storage.take();
    assert!(calls.iter().all(|call| !call.starts_with("commit")));
}

fn reset_link(agency: &Agency, member: &doorward::AccountCreated) -> String {
    let permit = agency.admin(ResetCredentials);
    block_on(agency.door.send_reset(permit, member.membership)).unwrap();
    agency.mail_to("ben@example.org").link()
}

#[test]
fn an_activation_that_is_sent_again_answers_the_first_outcome() {
    let agency = Agency::open();
    agency.account("identity", "ben", "ben@example.org");
    let link = agency.mail_to("ben@example.org").link();
    let chosen = secret(PASSWORD);
    twice(&agency, || {
        block_on(agency.door.activate(&link, &chosen, request(1)))
    });
    let again = agency.door.activate(&link, &chosen, request(2));
    assert!(block_on(again).is_err(), "another request finds it used");
}

#[test]
fn a_reset_that_is_sent_again_answers_the_first_outcome_and_sets_no_other_password() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let link = reset_link(&agency, &ben);
    let reset = |new: &str| {
        let new = secret(new);
        block_on(agency.door.reset_password(&link, &new, request(1)))
    };
    twice(&agency, || reset(OTHER));
    reset("nine green herons stand").unwrap();
    let portal = |text: &str| agency.sign_in(Channel::Portal, "ben@example.org", text);
    assert!(portal(OTHER).is_some() && portal("nine green herons stand").is_none());
}

/// Design 3: "no receipt is answered before session or secret is verified".
#[test]
fn a_receipt_is_answered_to_nobody_with_another_secret() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let (older, link) = (reset_link(&agency, &ben), reset_link(&agency, &ben));
    let reset = |link: &str| {
        let new = secret(OTHER);
        block_on(agency.door.reset_password(link, &new, request(1)))
    };
    reset(&link).unwrap();
    assert!(reset(&older).is_err());
    reset(&link).unwrap();
}

#[test]
fn a_new_password_that_is_sent_again_answers_the_first_outcome() {
    let agency = Agency::open();
    agency.account("standard", "ana", "ana@example.org");
    let temporary = agency.mail_to("ana@example.org").secret();
    let opened = agency.attempt(Channel::Mobile, "ana", password(&temporary));
    let SignedIn::NewPassword { ticket, .. } = opened.unwrap() else {
        panic!("a temporary password opened a session");
    };
    let chosen = secret(PASSWORD);
    twice(&agency, || {
        let ticket = ticket.expose_secret();
        block_on(agency.door.set_new_password(ticket, &chosen, request(1)))
    });
}

/// Asks for another address as Ben, and returns the links that went to the new and the old one.
fn asked(agency: &Agency, new: &str) -> (String, String) {
    let ben = agency.sign_in(Channel::Portal, "ben@example.org", PASSWORD);
    let permit = agency.permit(&ben.unwrap(), OwnAccount);
    let fresh = Reauthentication::FreshSession;
    let ask = agency
        .door
        .request_address_change(permit, fresh, email(new));
    block_on(ask).unwrap();
    let mails = agency.mails();
    let link = |to: &str| mails.iter().rfind(|mail| mail.to == to).unwrap().link();
    (link(new), link("ben@example.org"))
}

#[test]
fn a_proof_and_a_stop_that_are_sent_again_answer_the_first_outcome() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let (proof, stop) = asked(&agency, "benno@example.org");
    let post = Confirmed::by_post;
    twice(&agency, || {
        block_on(agency.door.prove_address(&proof, post(), request(1)))
    });
    twice(&agency, || {
        block_on(agency.door.stop_address_change(&stop, post(), request(2)))
    });
}

#[test]
fn a_yielding_that_is_sent_again_answers_the_first_outcome() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let (_, hill) = agency.new_tenant("Hillside", "hill@example.org");
    let (proof, _) = asked(&agency, "hill@example.org");
    let first = || {
        let permit = agency.permit(&hill, OwnAccount);
        let permit = permit.for_request(RequestId::made_at(NOW, [1; 10]));
        let yielded = agency
            .door
            .yield_membership(permit, &proof, Confirmed::by_post());
        block_on(yielded).unwrap()
    };
    assert_eq!(first(), first());
}

/// Does what an administrator may do twice under one request id, as if the first answer had been
/// lost: the log has the entries of one, and the second answer is the first.
struct Twice<'a> {
    agency: &'a Agency,
    number: u8,
}

impl Twice<'_> {
    fn act<A: Act + Copy, T: Debug + PartialEq, E: Debug, const N: usize>(
        &mut self,
        kind: A,
        entries: [&str; N],
        act: impl Fn(Permit<A>) -> Result<T, E>,
    ) -> T {
        self.number += 1;
        let request = RequestId::made_at(NOW, [self.number; 10]);
        let once = || act(self.agency.admin(kind).for_request(request)).unwrap();
        let mut answers = Vec::new();
        let noted = self.agency.noted(|| answers = vec![once(), once()]);
        let mut actions: Vec<_> = noted
            .iter()
            .filter_map(|entry| entry["action"].as_str())
            .collect();
        actions.sort_unstable();
        assert_eq!(actions, entries);
        let [first, second] = <[T; 2]>::try_from(answers).unwrap();
        assert_eq!(first, second, "{entries:?}");
        first
    }
}

#[test]
fn what_is_done_to_an_account_is_done_once_a_request() {
    let agency = Agency::open();
    let ana = agency.standard("ana", "ana@example.org").membership;
    let ben = agency.identity("ben", "ben@example.org").membership;
    let door = &agency.door;
    let mut twice = Twice {
        agency: &agency,
        number: 0,
    };
    twice.act(ResetCredentials, ["password.reset_request"], |permit| {
        block_on(door.send_reset(permit, ben))
    });
    twice.act(ResetCredentials, ["pin.issue"], |permit| {
        block_on(door.mail_pin(permit, ana))
    });
    twice.act(ManageAccounts, ["account.update"], |permit| {
        block_on(door.rename_account(permit, ana, Some(user_name("ana.ruiz"))))
    });
    twice.act(ManageAccounts, ["account.disable"], |permit| {
        block_on(door.disable_account(permit, ana, DisabledReason::Administrator))
    });
    twice.act(ManageAccounts, ["account.enable"], |permit| {
        block_on(door.restore_account(permit, ana))
    });
    let closed = twice.act(ManageAccounts, ["account.close"], |permit| {
        block_on(door.close_account(permit, ana))
    });
    twice.act(ManageAccounts, ["account.erase"], |permit| {
        block_on(door.erase_account(permit, closed))
    });
}

#[test]
fn what_is_done_to_a_membership_is_done_once_a_request() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org").membership;
    let door = &agency.door;
    let mut twice = Twice {
        agency: &agency,
        number: 0,
    };
    twice.act(ManageMembers, ["membership.disable"], |permit| {
        block_on(door.disable_access(permit, ben))
    });
    twice.act(ManageMembers, ["membership.enable"], |permit| {
        block_on(door.restore_access(permit, ben))
    });
    twice.act(ManageMembers, ["membership.remove"], |permit| {
        block_on(door.remove_member(permit, ben))
    });
}

#[test]
fn what_is_done_to_an_invitation_is_done_once_a_request() {
    let agency = Agency::open();
    let sponsor = agency.staff("sue@example.org", Levels::Unrestricted);
    let form = NewInvitation {
        address: email("new@example.org"),
        person: None,
        name: None,
        offer: Offer::of(kind("caregiver")),
        sworn: Sworn::new(),
    };
    let permit = agency.permit(&sponsor, Invite);
    let invitation = block_on(agency.door.invite(permit, form))
        .unwrap()
        .invitation;
    let door = &agency.door;
    let mut twice = Twice {
        agency: &agency,
        number: 0,
    };
    twice.act(Invite, ["invitation.adopt"], |permit| {
        block_on(door.adopt_invitation(permit, invitation))
    });
    twice.act(Invite, ["invitation.resend"], |permit| {
        block_on(door.resend_invitation(permit, invitation))
    });
    twice.act(Invite, ["invitation.revoke"], |permit| {
        block_on(door.revoke_invitation(permit, invitation))
    });
}

#[test]
fn what_is_done_to_groups_levels_and_profiles_is_done_once_a_request() {
    let agency = Agency::open();
    let door = &agency.door;
    let mut twice = Twice {
        agency: &agency,
        number: 0,
    };
    let group = twice.act(ManageGroups, ["group.create"], |permit| {
        block_on(door.create_group(permit, name("Night shift")))
    });
    twice.act(ManageGroups, ["group.update"], |permit| {
        block_on(door.rename_group(permit, group, name("Nights")))
    });
    twice.act(ManageGroups, ["group.delete"], |permit| {
        block_on(door.delete_group(permit, group))
    });
    let held = || [("view_calendar".parse().unwrap(), Reach::Any)].into_iter();
    let level = twice.act(EditLevels, ["level.create"], |permit| {
        block_on(door.create_level(permit, name("Front desk"), held().collect()))
    });
    twice.act(EditLevels, ["level.rename"], |permit| {
        block_on(door.rename_level(permit, level, name("Desk")))
    });
    twice.act(EditLevels, ["level.delete", "level.retire"], |permit| {
        block_on(door.delete_level(permit, level))
    });
    let profile = twice.act(EditProfiles, ["profile.create"], |permit| {
        block_on(door.create_profile(permit, name("Daughters"), held().collect()))
    });
    twice.act(EditProfiles, ["profile.rename"], |permit| {
        block_on(door.rename_profile(permit, profile, name("Children")))
    });
    twice.act(
        EditProfiles,
        ["profile.delete", "profile.retire"],
        |permit| block_on(door.delete_profile(permit, profile)),
    );
}
