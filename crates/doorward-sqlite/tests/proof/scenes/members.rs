//! Administrators and the access of members.

use doorward::{
    EditLevels, ManageMembers,
    access::{Access, Reach},
    identity::Session,
    types::{LevelId, Levels},
};

use super::has;
use crate::{
    arm::Arm,
    ledger::Ledger,
    office::{Office, Practice, block_on, name, set, staff, user},
    race::Scene,
};

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
