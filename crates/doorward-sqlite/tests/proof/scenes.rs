//! The scenes that are raced, each with the outcomes that it may have.

use doorward::{
    EditLevels, ManageMembers, OwnAccount, Reauthentication,
    access::{Access, Reach},
    identity::Session,
    invitations::State,
    types::{InvitationId, LevelId, Levels, RequestId},
};

use crate::{
    arm::Arm,
    ledger::Ledger,
    office::{Office, PASSWORD, Practice, accept, block_on, email, name, set, staff, user},
    race::Scene,
};

/// How many accept one token.
const CROWD: usize = 32;

fn has(told: &[String], word: &str) -> bool {
    told.iter().any(|told| told.starts_with(word))
}

/// Invites somebody, and returns the invitation with its link.
fn invited(office: &Office, by: &Session, address: &str) -> (InvitationId, String) {
    let invited = office.invite(by, address, user("clinical"));
    (invited.invitation, office.link_to(address))
}

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

/// Two directors, the only ones, demote each other.
pub(crate) struct TwoDirectors([Session; 2]);

impl Scene for TwoDirectors {
    const OUTCOMES: &'static [&'static str] = &[
        "1 demoted, 1 no director any more",
        "1 demoted, 1 the last one",
    ];

    fn open(office: &Office, practice: &Practice) -> Self {
        let address = format!("second.{}@example.org", practice.tenant);
        let second = office.member(&practice.director, &address, user("director"));
        Self([practice.director, second])
    }

    fn arms(&mut self, _: &Office, _: &Practice, _: u32) -> Vec<Arm> {
        let [one, two] = self.0;
        let demote = |by: Session, of: Session| Arm::Demote {
            by,
            member: of.membership,
        };
        vec![demote(one, two), demote(two, one)]
    }

    fn check(&mut self, office: &Office, ledger: &Ledger, told: &[String]) {
        let stayed = usize::from(told[0] != "demoted");
        let (stayer, leaver) = (self.0[stayed], self.0[1 - stayed]);
        assert_eq!(ledger.directors(), [stayer.membership]);
        // Both are directors again for the next round.
        let permit = office.permit(&stayer, ManageMembers);
        let member = leaver.membership;
        let version = block_on(office.door.member(&permit, member))
            .unwrap()
            .version;
        let access = Access {
            role: Some("director".parse().unwrap()),
            levels: Levels::none(),
            switches: Default::default(),
        };
        block_on(office.door.edit_access(permit, member, version, access)).unwrap();
    }
}

/// A level is given while it is deleted.
pub(crate) struct AssignAgainstDelete {
    member: Session,
    level: Option<LevelId>,
}

impl Scene for AssignAgainstDelete {
    const OUTCOMES: &'static [&'static str] = &[
        "1 assigned, 1 in use",
        "1 deleted, 1 level gone",
        "1 deleted, 1 level going",
    ];

    fn open(office: &Office, practice: &Practice) -> Self {
        let address = format!("staff.{}@example.org", practice.tenant);
        Self {
            member: office.member(&practice.director, &address, staff([])),
            level: None,
        }
    }

    fn arms(&mut self, office: &Office, practice: &Practice, round: u32) -> Vec<Arm> {
        let by = practice.director;
        let permit = office.permit(&by, EditLevels);
        let called = name(&format!("Billing {round}"));
        let held = set([("view_invoices", Reach::Any)]);
        let level = block_on(office.door.create_level(permit, called, held)).unwrap();
        self.level = Some(level);
        let member = self.member.membership;
        vec![
            Arm::Assign { by, member, level },
            Arm::DeleteLevel { by, level },
        ]
    }

    fn check(&mut self, _: &Office, ledger: &Ledger, told: &[String]) {
        let level = self.level.take().unwrap();
        let member = &ledger.members[&self.member.membership];
        let holds = member.level_ids().any(|held| held == level);
        assert_eq!(holds, has(told, "assigned"));
        assert_eq!(ledger.levels.contains(&level), has(told, "assigned"));
    }
}

/// Two accounts prove one address.
pub(crate) struct OneAddress {
    racers: Vec<Session>,
    address: String,
}

impl Scene for OneAddress {
    const OUTCOMES: &'static [&'static str] = &["1 proved, 1 sign in to continue"];

    fn open(_: &Office, _: &Practice) -> Self {
        Self {
            racers: Vec::new(),
            address: String::new(),
        }
    }

    fn arms(&mut self, office: &Office, practice: &Practice, round: u32) -> Vec<Arm> {
        self.address = format!("wanted.{round}@example.org");
        self.racers.clear();
        let racer = |number: u32| {
            let own = format!("racer.{number}.{round}@example.org");
            let session = office.member(&practice.director, &own, user("clinical"));
            let permit = office.permit(&session, OwnAccount);
            let fresh = Reauthentication::FreshSession;
            let asked = office
                .door
                .request_address_change(permit, fresh, email(&self.address));
            block_on(asked).unwrap();
            let link = office.link_to(&self.address);
            (session, Arm::ProveAddress { link })
        };
        let (racers, arms) = (0..2).map(racer).unzip();
        self.racers = racers;
        arms
    }

    fn check(&mut self, _: &Office, ledger: &Ledger, told: &[String]) {
        let wanted = email(&self.address);
        for (racer, told) in self.racers.iter().zip(told) {
            let verified = ledger.account(racer.membership).verified_email();
            let holds = verified.is_some_and(|verified| *verified.address() == wanted);
            assert_eq!(holds, told == "proved");
        }
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
