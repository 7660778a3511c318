//! Maple Grove, where Rose lives, and Lena, who is her daughter.
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use doorward::{
    ContactRow, DataAbout, Export, Invite, InviteForm, InviteRejection, Invited, ManagePeople,
    NewInvitation, NewRelationship, ReportOptions, ResidentAccess, ViewAccess,
    access::{Decision, Record},
    identity::{Link, Session},
    invitations::{IssueRejection, Sworn},
    types::{MembershipId, Offer, PersonId, ProfileId, RoleName, SubjectId},
};
use doorward_examples::{
    alis_connect::{self, Alis, Confirmation, STARTER_PROFILES, filled_in},
    world,
};
use pollster::FutureExt as _;

use crate::fixture::*;

pub(crate) const ANA: &str = "ana.ruiz@maple.example";
pub(crate) const ROSE: &str = "rose@maple.example";
pub(crate) const LENA: &str = "lena@family.example";

/// Maple Grove with Rose, who lives there, and Lena, her daughter.
pub(crate) struct Maple {
    pub(crate) house: House,
    pub(crate) rose: PersonId,
    pub(crate) lena: PersonId,
}

impl Maple {
    pub(crate) fn open() -> Self {
        let house = House::open(
            alis_connect::setup(world::published_keys()).unwrap(),
            alis_connect::community("Maple Grove", "Ana Ruiz", ANA).unwrap(),
        );
        let rose = resident(&house, "Rose Adler", Some(ROSE));
        let lena = contact(&house, rose, "Lena Adler", "Daughter", Some(LENA));
        Self { house, rose, lena }
    }

    pub(crate) fn profile(&self, name: &str) -> ProfileId {
        let at = STARTER_PROFILES
            .iter()
            .position(|profile| profile.0 == name);
        self.house.created.profiles[at.unwrap()]
    }

    pub(crate) fn page(&self) -> ResidentAccess {
        let permit = self.house.permit(ViewAccess);
        self.house
            .door
            .resident_access(&permit, self.rose.into())
            .block_on()
            .unwrap()
    }

    /// Lena's row on the page "Manage ALIS Connect Access" of Rose.
    pub(crate) fn lena(&self) -> ContactRow {
        let mut rows = self.page().contacts.into_iter();
        rows.find(|row| row.person == self.lena).unwrap()
    }

    pub(crate) fn form(&self, person: PersonId) -> InviteForm {
        let permit = self.house.permit(Invite);
        let over = Some(SubjectId::from(self.rose));
        self.house
            .door
            .invite_form(&permit, person, over)
            .block_on()
            .unwrap()
    }

    /// Lena's form as staff fill it: a profile is chosen and the box ticked.
    pub(crate) fn filled(&self, profile: &str) -> NewInvitation {
        let form = self.form(self.lena);
        filled_in(
            &form,
            self.profile(profile),
            Confirmation::Ticked,
            self.house.door.now(),
        )
        .unwrap()
    }

    pub(crate) fn invite(
        &self,
        form: NewInvitation,
    ) -> Result<Invited, InviteRejection<IssueRejection>> {
        let sent = self.house.door.invite(self.house.permit(Invite), form);
        sent.block_on().map_err(rejected)
    }

    /// Lena invited, with the link of her mail.
    pub(crate) fn invited(&self, profile: &str) -> (Invited, String) {
        let invited = self.invite(self.filled(profile)).unwrap();
        (invited, self.house.link_to(LENA))
    }

    /// Lena connected and signed in.
    pub(crate) fn connected(&self, profile: &str) -> Session {
        let (_, link) = self.invited(profile);
        self.house.accept(&link, "Lena Adler");
        self.house.portal(LENA)
    }

    pub(crate) fn membership(&self) -> MembershipId {
        self.lena().membership.unwrap()
    }

    pub(crate) fn sees(&self, session: &Session, asked: Alis, whom: PersonId) -> bool {
        let decision = self
            .house
            .door
            .check(session, asked, &Record::of(whom))
            .block_on();
        matches!(decision.unwrap(), Decision::Allow(_))
    }

    pub(crate) fn report(&self) -> Vec<BTreeMap<String, String>> {
        let mut out = Vec::new();
        let permit = self.house.permit(Export);
        let written = self
            .house
            .door
            .access_report(&permit, ReportOptions::default(), &mut out);
        written.block_on().unwrap();
        let mut reader = csv::Reader::from_reader(out.as_slice());
        reader.deserialize().map(Result::unwrap).collect()
    }
}

pub(crate) fn resident(house: &House, name: &str, address: Option<&str>) -> PersonId {
    house.record("resident", name, address, DataAbout::ThisPerson)
}

pub(crate) fn contact(
    house: &House,
    of: PersonId,
    name: &str,
    label: &str,
    address: Option<&str>,
) -> PersonId {
    let contact = house.record("contact", name, address, DataAbout::Nobody);
    let relationship = NewRelationship {
        person: contact,
        subject: of.into(),
        label: display(label),
        link: Link::Listed,
    };
    house
        .door
        .add_relationship(house.permit(ManagePeople), relationship)
        .block_on()
        .unwrap();
    contact
}

/// A member of staff with a role, signed in.
pub(crate) fn staff(maple: &Maple, role: &str, address: &str) -> Session {
    let offer = Offer::of("staff".parse().unwrap()).with_role(RoleName::new(role).unwrap());
    let form = NewInvitation {
        address: email(address),
        person: None,
        name: Some(display("Sam Staff")),
        offer,
        sworn: Sworn::new(),
    };
    maple.invite(form).unwrap();
    let link = maple.house.link_to(address);
    maple.house.accept(&link, "Sam Staff");
    maple.house.portal(address)
}
