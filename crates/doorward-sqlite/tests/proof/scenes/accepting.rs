//! Invitees, each other and their sponsors.

use doorward::{
    identity::Session,
    invitations::State,
    types::{InvitationId, RequestId},
};

use super::{CROWD, has, invited};
use crate::{
    arm::Arm,
    ledger::Ledger,
    office::{Office, PASSWORD, Practice, accept, user},
    race::Scene,
};

/// Many use one link at once, each on their own account.
pub(crate) struct OneToken(Option<InvitationId>);

impl Scene for OneToken {
    const OUTCOMES: &'static [&'static str] = &["1 joined, 31 link used"];

    fn open(_: &Office, _: &Practice) -> Self {
        Self(None)
    }

    fn arms(&mut self, office: &Office, practice: &Practice, round: u32) -> Vec<Arm> {
        let address = format!("invitee.{round}@example.org");
        let (invitation, link) = invited(office, &practice.director, &address);
        self.0 = Some(invitation);
        let request = None;
        vec![Arm::Accept { link, request }; CROWD]
    }

    fn check(&mut self, _: &Office, ledger: &Ledger, told: &[String]) {
        let accepted = ledger.accepted(self.0.unwrap()).expect("somebody joined");
        let joined = format!("joined as {}", accepted.membership);
        assert!(told.contains(&joined), "{told:?}");
    }
}

/// One request is sent many times at once.
pub(crate) struct OneRequest(Option<InvitationId>);

impl Scene for OneRequest {
    const OUTCOMES: &'static [&'static str] = &["32 joined"];

    fn open(_: &Office, _: &Practice) -> Self {
        Self(None)
    }

    fn arms(&mut self, office: &Office, practice: &Practice, round: u32) -> Vec<Arm> {
        let address = format!("invitee.{round}@example.org");
        let (invitation, link) = invited(office, &practice.director, &address);
        self.0 = Some(invitation);
        let request = Some(RequestId::made_at(office.door.now(), rand::random()));
        vec![Arm::Accept { link, request }; CROWD]
    }

    fn check(&mut self, _: &Office, ledger: &Ledger, told: &[String]) {
        let accepted = ledger.accepted(self.0.unwrap()).expect("somebody joined");
        let joined = format!("joined as {}", accepted.membership);
        assert!(told.iter().all(|told| *told == joined), "{told:?}");
    }
}

/// Two tenants invite one new person, who registers by both links at once.
pub(crate) struct OnePerson {
    other: Practice,
    invitation: Option<InvitationId>,
}

impl Scene for OnePerson {
    const OUTCOMES: &'static [&'static str] = &["1 joined, 1 sign in to accept"];

    fn open(office: &Office, practice: &Practice) -> Self {
        Self {
            other: office.practice(&format!("other.{}@example.org", practice.tenant)),
            invitation: None,
        }
    }

    fn arms(&mut self, office: &Office, practice: &Practice, round: u32) -> Vec<Arm> {
        let address = format!("invitee.{round}@example.org");
        let (invitation, first) = invited(office, &practice.director, &address);
        self.invitation = Some(invitation);
        let (_, second) = invited(office, &self.other.director, &address);
        let by = |link| Arm::Accept {
            link,
            request: None,
        };
        vec![by(first), by(second)]
    }

    fn check(&mut self, _: &Office, ledger: &Ledger, told: &[String]) {
        let accepted = ledger.accepted(self.invitation.unwrap());
        assert_eq!(accepted.is_some(), told[0].starts_with("joined"));
    }
}

/// The invitee accepts while the sponsor takes it back.
pub(crate) struct AcceptAgainstRevoke(Option<InvitationId>);

impl Scene for AcceptAgainstRevoke {
    const OUTCOMES: &'static [&'static str] = &[
        "1 joined, 1 not revoked: accepted",
        "1 link unusable, 1 revoked",
        "1 not accepted: revoked, 1 revoked",
    ];

    fn open(_: &Office, _: &Practice) -> Self {
        Self(None)
    }

    fn arms(&mut self, office: &Office, practice: &Practice, round: u32) -> Vec<Arm> {
        let by = practice.director;
        let address = format!("invitee.{round}@example.org");
        let (invitation, link) = invited(office, &by, &address);
        self.0 = Some(invitation);
        let request = None;
        vec![
            Arm::Accept { link, request },
            Arm::Revoke {
                by,
                invitation,
                request,
            },
        ]
    }

    fn check(&mut self, _: &Office, ledger: &Ledger, told: &[String]) {
        let state = ledger.state(self.0.unwrap());
        let agrees = match state {
            State::Accepted(_) => has(told, "joined"),
            State::Revoked(_) => has(told, "revoked"),
            _ => false,
        };
        assert!(agrees, "{told:?}: {state:?}");
    }
}

/// The invitee accepts by the first mail while the sponsor sends another.
pub(crate) struct AcceptAgainstResend {
    invited: Option<(InvitationId, String)>,
}

impl Scene for AcceptAgainstResend {
    const OUTCOMES: &'static [&'static str] =
        &["1 joined, 1 not resent: accepted", "1 resent, 1 superseded"];

    fn open(_: &Office, _: &Practice) -> Self {
        Self { invited: None }
    }

    fn arms(&mut self, office: &Office, practice: &Practice, round: u32) -> Vec<Arm> {
        let by = practice.director;
        let address = format!("invitee.{round}@example.org");
        let (invitation, link) = invited(office, &by, &address);
        self.invited = Some((invitation, address));
        let request = None;
        vec![
            Arm::Accept { link, request },
            Arm::Resend { by, invitation },
        ]
    }

    fn check(&mut self, office: &Office, ledger: &Ledger, told: &[String]) {
        let (invitation, address) = self.invited.take().unwrap();
        let read = &ledger.invitations[&invitation];
        if has(told, "resent") {
            assert!(read.is_open() && read.resend_count() == 1);
            // The new mail works.
            accept(&office.door, &office.link_to(&address), PASSWORD, None).unwrap();
        } else {
            assert!(ledger.accepted(invitation).is_some() && read.resend_count() == 0);
        }
    }
}

/// An invitee accepts while the sponsor is demoted.
pub(crate) struct AcceptAgainstDemotion {
    sponsor: Option<Session>,
    invitation: Option<InvitationId>,
}

impl Scene for AcceptAgainstDemotion {
    const OUTCOMES: &'static [&'static str] =
        &["1 demoted, 1 joined", "1 demoted, 1 needs reissue"];

    fn open(_: &Office, _: &Practice) -> Self {
        Self {
            sponsor: None,
            invitation: None,
        }
    }

    fn arms(&mut self, office: &Office, practice: &Practice, round: u32) -> Vec<Arm> {
        let by = practice.director;
        let address = format!("sponsor.{round}@example.org");
        let sponsor = office.member(&by, &address, user("manager"));
        let address = format!("invitee.{round}@example.org");
        let (invitation, link) = invited(office, &sponsor, &address);
        self.sponsor = Some(sponsor);
        self.invitation = Some(invitation);
        let (member, request) = (sponsor.membership, None);
        vec![Arm::Accept { link, request }, Arm::Demote { by, member }]
    }

    /// Who joined did so before the demotion, in the order of commits.
    fn check(&mut self, _: &Office, ledger: &Ledger, told: &[String]) {
        let (sponsor, invitation) = (self.sponsor.unwrap(), self.invitation.unwrap());
        let joined = ledger.accepted(invitation).is_some();
        assert_eq!(joined, has(told, "joined"));
        let demotion = ledger.entry_places("membership.update", sponsor.membership.as_uuid());
        let accept = ledger.entry_places("invitation.accept", invitation.as_uuid());
        assert_eq!(demotion.len(), 1);
        assert!(accept.iter().all(|accept| *accept < demotion[0]));
    }
}

/// One request of somebody who is signed in is sent many times at once.
pub(crate) struct OneSponsorsRequest(Option<InvitationId>);

impl Scene for OneSponsorsRequest {
    const OUTCOMES: &'static [&'static str] = &["16 revoked"];

    fn open(_: &Office, _: &Practice) -> Self {
        Self(None)
    }

    fn arms(&mut self, office: &Office, practice: &Practice, round: u32) -> Vec<Arm> {
        let by = practice.director;
        let address = format!("invitee.{round}@example.org");
        let invitation = office.invite(&by, &address, user("clinical")).invitation;
        self.0 = Some(invitation);
        let revoke = Arm::Revoke {
            by,
            invitation,
            request: Some(RequestId::made_at(office.door.now(), rand::random())),
        };
        vec![revoke; CROWD / 2]
    }

    fn check(&mut self, _: &Office, ledger: &Ledger, _: &[String]) {
        let invitation = self.0.unwrap();
        assert!(matches!(ledger.state(invitation), State::Revoked(_)));
        let entries = ledger.entry_places("invitation.revoke", invitation.as_uuid());
        assert_eq!(entries.len(), 1);
    }
}
