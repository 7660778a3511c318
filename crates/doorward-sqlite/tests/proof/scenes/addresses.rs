//! Addresses that are proved.

use doorward::{OwnAccount, Reauthentication, identity::Session, types::RequestId};

use super::CROWD;
use crate::{
    arm::Arm,
    ledger::Ledger,
    office::{Office, Practice, block_on, email, user},
    race::Scene,
};

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
            let link = wanted_link(office, &session, &self.address);
            let request = None;
            (session, Arm::ProveAddress { link, request })
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

/// One request of somebody who is not signed in, and whose link is used by the first, is sent many
/// times at once.
pub(crate) struct OneProof(Option<(Session, String)>);

impl Scene for OneProof {
    const OUTCOMES: &'static [&'static str] = &["16 proved"];

    fn open(_: &Office, _: &Practice) -> Self {
        Self(None)
    }

    fn arms(&mut self, office: &Office, practice: &Practice, round: u32) -> Vec<Arm> {
        let own = format!("racer.{round}@example.org");
        let session = office.member(&practice.director, &own, user("clinical"));
        let wanted = format!("wanted.{round}@example.org");
        let link = wanted_link(office, &session, &wanted);
        self.0 = Some((session, wanted));
        let request = Some(RequestId::made_at(office.door.now(), rand::random()));
        vec![Arm::ProveAddress { link, request }; CROWD / 2]
    }

    fn check(&mut self, _: &Office, ledger: &Ledger, _: &[String]) {
        let (racer, wanted) = self.0.take().unwrap();
        let verified = ledger.account(racer.membership).verified_email();
        assert!(verified.is_some_and(|verified| *verified.address() == email(&wanted)));
    }
}

/// Asks for another address, and returns the link that proves it.
fn wanted_link(office: &Office, session: &Session, wanted: &str) -> String {
    let permit = office.permit(session, OwnAccount);
    let fresh = Reauthentication::FreshSession;
    let asked = office
        .door
        .request_address_change(permit, fresh, email(wanted));
    block_on(asked).unwrap();
    office.link_to(wanted)
}
