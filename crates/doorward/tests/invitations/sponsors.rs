//! Sponsors: what becomes of their invitations when they may no longer give what they offered.

use doorward::{
    AcceptInvitationRejection, Error, Invite, InviteRejection, Joined, ManageMembers,
    access::Access,
    invitations::{AcceptRejection, AdoptRejection, Confirmed, Shortfall},
    types::Levels,
};

use crate::fixture::{House, Member, block_on, registration, staff};

struct Offered {
    house: House,
    coordinator: Member,
    invitation: doorward::types::InvitationId,
    link: String,
}

fn offered() -> Offered {
    let house = House::open();
    let coordinator = house.member("cory@example.org", staff("coordinator"));
    let invited = house.invite_by(
        &coordinator.session,
        "cleo@example.org",
        staff("coordinator"),
    );
    let invitation = invited.unwrap().invitation;
    let link = house.link_to("cleo@example.org");
    Offered {
        house,
        coordinator,
        invitation,
        link,
    }
}

impl Offered {
    fn accept(&self) -> Result<Joined, Error<AcceptInvitationRejection>> {
        let accepted =
            self.house
                .door
                .accept_by_link(&self.link, registration(), Confirmed::by_post(), None);
        block_on(accepted)
    }

    fn shortfall(&self) -> Shortfall {
        match self.accept() {
            Err(Error::Rejected(AcceptInvitationRejection::Rule(
                AcceptRejection::NeedsReissue(shortfall),
            ))) => shortfall,
            other => panic!("it must be issued anew: {other:?}"),
        }
    }

    fn adopt(&self) -> Result<(), Error<InviteRejection<AdoptRejection>>> {
        let permit = self.house.director(Invite);
        block_on(self.house.door.adopt_invitation(permit, self.invitation))
    }

    fn demote(&self) {
        let permit = self.house.director(ManageMembers);
        let member = self.coordinator.membership;
        let read = block_on(self.house.door.member(&permit, member)).unwrap();
        let access = Access {
            role: Some("clinical".parse().unwrap()),
            levels: Levels::none(),
            switches: [].into(),
        };
        let edited = self
            .house
            .door
            .edit_access(permit, member, read.version, access);
        block_on(edited).unwrap();
    }
}

/// Design 5: "if it no longer holds, `NeedsReissue` ..., and another authorised sponsor may `adopt`".
#[test]
fn a_demoted_sponsors_invitation_waits_until_somebody_adopts_it() {
    let offered = offered();
    offered.demote();
    assert_eq!(offered.shortfall(), Shortfall::SponsorGone);
    let (adopted, noted) = offered.house.noting(|| offered.adopt());
    adopted.unwrap();
    assert_eq!(noted, ["invitation.adopt"]);
    offered.accept().unwrap();
}

/// Design 5: "also all of a leaver's".
#[test]
fn a_leavers_invitation_waits_until_somebody_adopts_it() {
    let offered = offered();
    let permit = offered.house.director(ManageMembers);
    let leaver = offered.coordinator.membership;
    block_on(offered.house.door.remove_member(permit, leaver)).unwrap();
    assert_eq!(offered.shortfall(), Shortfall::SponsorGone);
    offered.adopt().unwrap();
    offered.accept().unwrap();
}

#[test]
fn sending_again_makes_the_sender_its_sponsor() {
    let mut offered = offered();
    offered.demote();
    let permit = offered.house.director(Invite);
    block_on(
        offered
            .house
            .door
            .resend_invitation(permit, offered.invitation),
    )
    .unwrap();
    offered.link = offered.house.link_to("cleo@example.org");
    offered.accept().unwrap();
}

#[test]
fn nobody_adopts_what_is_theirs_or_above_them() {
    let offered = offered();
    let house = &offered.house;
    offered.adopt().unwrap();
    assert!(matches!(
        offered.adopt(),
        Err(Error::Rejected(InviteRejection::Rule(
            AdoptRejection::AlreadySponsor
        )))
    ));
    let above = house.invite("carl@example.org", staff("director"));
    let permit = house.permit(&offered.coordinator.session, Invite);
    let refused = block_on(house.door.adopt_invitation(permit, above.invitation));
    assert!(matches!(
        refused,
        Err(Error::Rejected(InviteRejection::Rule(
            AdoptRejection::AboveCeiling(_)
        )))
    ));
}

/// A disabled sponsor's right rests; it is back when they are.
#[test]
fn a_restored_sponsors_invitation_is_accepted() {
    let offered = offered();
    let sponsor = offered.coordinator.membership;
    let permit = offered.house.director(ManageMembers);
    block_on(offered.house.door.disable_access(permit, sponsor)).unwrap();
    assert_eq!(offered.shortfall(), Shortfall::SponsorGone);
    let permit = offered.house.director(ManageMembers);
    block_on(offered.house.door.restore_access(permit, sponsor)).unwrap();
    offered.accept().unwrap();
}

/// Design 5: "another authorised sponsor may `adopt`, also all of a leaver's".
#[test]
fn all_that_a_leaver_offered_is_adopted_at_once_and_the_links_stay_good() {
    let offered = offered();
    let house = &offered.house;
    house
        .invite_by(
            &offered.coordinator.session,
            "dora@example.org",
            staff("coordinator"),
        )
        .unwrap();
    let permit = house.director(ManageMembers);
    block_on(
        house
            .door
            .remove_member(permit, offered.coordinator.membership),
    )
    .unwrap();
    let leaver = offered.coordinator.membership;
    let adopted = block_on(house.door.adopt_all_of(house.director(Invite), leaver)).unwrap();
    assert_eq!(adopted.len(), 2);
    assert!(adopted.iter().all(|one| one.outcome.is_ok()), "{adopted:?}");
    let again = block_on(house.door.adopt_all_of(house.director(Invite), leaver)).unwrap();
    assert!(again.is_empty(), "{again:?}");
    offered.accept().unwrap();
}
