//! Harbour Practice, with Dana as its director.

use std::collections::BTreeSet;

use doorward::{
    Act, DataAbout, Denied, Error, FormVersion, Invite, InviteRejection, Invited, ManageMembers,
    ManagePeople, MemberRow, NewInvitation, NewPerson, ReadAudit, ViewAccess,
    access::{Access, AccessRejection, Permissions, Record},
    audit::{Code, Entry, Query},
    identity::Session,
    invitations::{IssueRejection, Sworn},
    storage::Limit,
    types::{Levels, MembershipId, Note, Offer, Scope, SubjectId, Switch, Switches},
};
use doorward_examples::{kalix, world};
use pollster::FutureExt as _;
use time::Duration;

use crate::fixture::*;

pub(crate) const DANA: &str = "dana@harbour.example";

pub(crate) struct Practice {
    pub(crate) house: House,
}

impl Practice {
    pub(crate) fn open() -> Self {
        let setup = kalix::setup(world::published_keys()).unwrap();
        let harbour = kalix::practice("Harbour Practice", "Dana Reyes", DANA).unwrap();
        Self {
            house: House::open(setup, harbour),
        }
    }

    /// Dana fills the invite form.
    pub(crate) fn invite(
        &self,
        address: &str,
        role: &str,
        switches: &[(&str, Switch)],
    ) -> Result<Invited, InviteRejection<IssueRejection>> {
        let offer = Offer::of("practice_user".parse().unwrap())
            .with_role(role.parse().unwrap())
            .with_switches(set(switches));
        let form = NewInvitation {
            address: email(address),
            person: None,
            name: None,
            offer,
            sworn: Sworn::default(),
        };
        let permit = self.house.permit(Invite);
        let invited = self.house.door.invite(permit, form).block_on();
        invited.map_err(rejected)
    }

    /// Somebody who was invited, has registered and is signed in: `ana` is `ana@harbour.example`.
    pub(crate) fn user(&self, name: &str, role: &str, switches: &[(&str, Switch)]) -> Session {
        let address = format!("{name}@harbour.example");
        self.house.pass(Duration::SECOND);
        self.invite(&address, role, switches).unwrap();
        let link = self.house.link_to(&address);
        self.house.accept(&link, name);
        self.house.portal(&address)
    }

    /// Takes a client on.
    pub(crate) fn client(&self, by: &Session, name: &str) -> SubjectId {
        let client = NewPerson {
            kind: "practice_user".parse().unwrap(),
            name: display(name),
            email: None,
            cell: None,
            note: Note::default(),
            reference: None,
            data: DataAbout::ThisPerson,
        };
        let permit = self.house.permit_of(by, ManagePeople);
        let recorded = self.house.door.record_person(permit, client).block_on();
        recorded.unwrap().into()
    }

    pub(crate) fn may(&self, who: &Session, asked: impl Permissions, record: &Record) -> bool {
        let decision = self.house.door.check(who, asked, record).block_on();
        decision.unwrap().allowed().is_ok()
    }

    /// Whether an act is denied for want of a permission.
    pub(crate) fn is_denied<A: Act>(&self, who: &Session, act: A) -> bool {
        let permit = self.house.door.authorise(who, act).block_on();
        matches!(permit, Err(Error::Denied(Denied::Access(_))))
    }

    /// The version at which the "Edit User Access" window of a member is opened.
    pub(crate) fn version(&self, member: MembershipId) -> FormVersion {
        let permit = self.house.permit(ManageMembers);
        let form = self.house.door.member(&permit, member).block_on();
        form.unwrap().version
    }

    /// Dana fills and saves the "Edit User Access" window.
    pub(crate) fn edit_access(
        &self,
        member: MembershipId,
        role: &str,
        switches: Switches,
    ) -> Result<(), AccessRejection> {
        let access = Access {
            role: Some(role.parse().unwrap()),
            levels: Levels::none(),
            switches,
        };
        let (permit, version) = (self.house.permit(ManageMembers), self.version(member));
        let edited = self.house.door.edit_access(permit, member, version, access);
        edited.block_on().map_err(rejected)
    }

    /// The permissions that the form selects for a role.
    pub(crate) fn preselected(&self, role: &str) -> Switches {
        let role = role.parse().unwrap();
        let kind = "practice_user".parse().unwrap();
        self.house.door.catalog().preselected(&kind, Some(&role))
    }

    /// The section Users of the User Management page.
    pub(crate) fn users(&self) -> Vec<MemberRow> {
        let permit = self.house.permit(ViewAccess);
        let page = self.house.door.members(&permit, None, Limit::MAX);
        page.block_on().unwrap().rows
    }

    /// What the audit log has of an action, the newest first.
    pub(crate) fn entries(&self, action: &'static str) -> Vec<Entry> {
        let permit = self.house.permit(ReadAudit);
        let query = Query::of(Scope::Tenant(self.house.tenant)).action(Code::new(action).unwrap());
        let withheld = doorward::PersonalData::Withheld;
        let door = &self.house.door;
        let page = door.read_audit(&permit, &query, withheld, None, Limit::MAX);
        let rows = page.block_on().unwrap().rows;
        rows.into_iter().map(|row| row.entry).collect()
    }

    /// The names of the areas that are shown to somebody.
    pub(crate) fn areas(&self, who: &Session) -> BTreeSet<String> {
        let menu = self.house.door.standing(who).block_on().unwrap().menu();
        let shown = menu
            .into_iter()
            .filter(|(_, shown)| *shown == doorward::access::Availability::Enabled);
        shown.map(|(name, _)| name.to_string()).collect()
    }
}

pub(crate) fn set(switches: &[(&str, Switch)]) -> Switches {
    let named = |(name, stands): &(&str, Switch)| (name.parse().unwrap(), *stands);
    switches.iter().map(named).collect()
}
