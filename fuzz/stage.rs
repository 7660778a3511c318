//! A house with records of every kind that its catalog has, and a door over its storage when that is
//! damaged.

use std::{fmt, time::Duration as Lease};

use doorward::{
    Act, ConfigureTenant, DataAbout, Doorward, Error, Fault, InvitationRef, ManageAccounts,
    ManageGroups, ManagePeople, NewAccount, NewPerson, NewRelationship, OpenSupport, OwnAccount,
    Permit, SupportOpened,
    access::PermissionSet,
    identity::{Handover, Link, Session},
    invitations::Confirmed,
    storage::{Kind, Limit, Micros, Range, Record, Scope},
    types::{
        AccountId, ClassName, GroupId, InvitationId, LevelId, Levels, MembershipId, PersonId,
        RelationshipId, Switches, UserName,
    },
};
use time::Duration;

use crate::{
    damaged_storage::DamagedStorage,
    fixture::{House, Member, block_on, email, kind, name, staff},
};

pub(crate) struct Stage {
    pub(crate) house: House,
    pub(crate) door: Doorward,
    pub(crate) storage: DamagedStorage,
    pub(crate) nurse: Member,
    pub(crate) family: Member,
    /// Somebody whose account another tenant knows as well.
    pub(crate) guest: Member,
    pub(crate) office: MembershipId,
    pub(crate) office_account: AccountId,
    pub(crate) residents: Vec<PersonId>,
    pub(crate) worker: PersonId,
    pub(crate) group: GroupId,
    pub(crate) relationship: RelationshipId,
    pub(crate) support: SupportOpened,
    pub(crate) open: InvitationId,
    pub(crate) open_link: String,
    pub(crate) requested: InvitationRef,
    pub(crate) activation_link: String,
    pub(crate) reset_link: String,
}

/// Why a use case did nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Stopped {
    /// A rule refused it.
    Refused,
    /// Something around the rules failed.
    Failed,
}

pub(crate) type Answer = Result<(), Stopped>;

/// How a use case ended; what it says is put into words, as a host would log it.
pub(crate) fn ended<T, R>(outcome: Result<T, Error<R>>) -> Answer
where
    Error<R>: fmt::Display,
{
    match outcome {
        Ok(_) => Ok(()),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            Err(match error {
                Error::Fault(_) => Stopped::Failed,
                Error::Denied(_) | Error::Rejected(_) => Stopped::Refused,
            })
        }
    }
}

/// The same of what has no rule of its own.
pub(crate) fn read<T>(outcome: Result<T, Fault>) -> Answer {
    outcome.map(drop).map_err(|fault| {
        assert!(!fault.to_string().is_empty());
        Stopped::Failed
    })
}

impl Stage {
    pub(crate) fn open() -> Self {
        let house = House::open();
        let residents = house.residents(2);
        let nurse = house.member(
            "nurse@example.org",
            staff("clinical").with_levels(Levels::from([house.created.levels[0]])),
        );
        let family = house.member("fay@example.org", house.contact_of(&residents[..1]));
        house.second_tenant("guest@example.org");
        let elsewhere = house.accept("guest@example.org");
        let invited = house.invite("guest@example.org", staff("coordinator"));
        let here = InvitationRef {
            tenant: house.tenant(),
            invitation: invited.invitation,
        };
        let permit = house.permit(&elsewhere.session, OwnAccount);
        let joined = house
            .door
            .accept_signed_in(permit, here, Confirmed::by_post());
        let guest = house.signed_in(block_on(joined).unwrap(), "guest@example.org");

        let permit = house.director(ManageGroups);
        let group = block_on(house.door.create_group(permit, name("Nurses"))).unwrap();
        let permit = house.director(ManageGroups);
        let tagged = [group].into();
        block_on(house.door.assign_groups(permit, nurse.membership, tagged)).unwrap();
        let permit = house.director(ConfigureTenant);
        let _ = block_on(house.door.replace_access_key(permit)).unwrap();
        let permit = house.director(OpenSupport);
        let support = block_on(house.door.open_support(permit)).unwrap();

        let worker = house.person("Wera Жук", "staff", Some("office@example.org"));
        let account = NewAccount {
            person: worker,
            class: ClassName::new("office").unwrap(),
            address: email("office@example.org"),
            user_name: Some(UserName::new("wera.Жук").unwrap()),
            cell: None,
            role: Some("clinical".parse().unwrap()),
            levels: None,
            switches: Switches::new(),
            handover: Handover::Mailed,
        };
        let permit = house.director(ManageAccounts);
        let office = block_on(house.door.create_account(permit, account)).unwrap();
        let activation_link = house.link_to("office@example.org");
        let relative = NewRelationship {
            person: worker,
            subject: residents[0].into(),
            label: name("Daughter"),
            link: Link::Listed,
        };
        let permit = house.director(ManagePeople);
        let relationship = block_on(house.door.add_relationship(permit, relative)).unwrap();

        block_on(
            house
                .door
                .request_reset(Some(house.tenant()), "nurse@example.org"),
        )
        .unwrap();
        let reset_link = house.link_to("nurse@example.org");
        let permit = house.director(ManageAccounts);
        let proposed =
            house
                .door
                .propose_address(permit, guest.membership, email("new@example.org"));
        block_on(proposed).unwrap();
        house.second_tenant("tenant@example.org");
        let other = house.accept("tenant@example.org");
        let requested = house.invite("tenant@example.org", staff("clinical"));
        let requested = InvitationRef {
            tenant: house.tenant(),
            invitation: requested.invitation,
        };
        assert_ne!(other.session.tenant, house.tenant());
        let open = house.invite("open@example.org", house.contact_of(&residents));
        let open_link = house.link_to("open@example.org");
        house.invite("waits@example.org", staff("clinical"));
        block_on(
            house
                .door
                .request_reset(Some(house.tenant()), "fay@example.org"),
        )
        .unwrap();
        for typed in ["wrong", "wrong again"] {
            let tenant = house.tenant();
            for who in ["nurse@example.org", "nobody@example.org"] {
                let credential = doorward::Credential::Password(typed.to_owned().into());
                let channel = doorward::types::Channel::Portal;
                let refused = house.door.sign_in(tenant, channel, who, credential, None);
                assert!(block_on(refused).is_err());
            }
        }
        let waiting = waiting(&house);
        let storage = DamagedStorage::over(std::sync::Arc::clone(&house.storage), waiting);
        Self {
            door: house.process_over(std::sync::Arc::new(storage.clone())),
            storage,
            nurse,
            family,
            guest,
            office: office.membership,
            office_account: office.account,
            residents,
            worker,
            group,
            relationship,
            support,
            open: open.invitation,
            open_link,
            requested,
            activation_link,
            reset_link,
            house,
        }
    }

    /// The records of a kind, in the directory and in the tenant.
    pub(crate) fn records(&self, kind: &str) -> Vec<Record> {
        let Ok(kind) = Kind::new(kind) else {
            return Vec::new();
        };
        let tenant = Scope::Tenant(self.house.tenant().as_uuid());
        let in_scope = |scope| {
            let range = Range::kind(scope, kind.clone());
            let page = self.house.storage.scan(&range, None, Limit::MAX);
            block_on(page).unwrap().records
        };
        let scopes = [Scope::Directory, tenant];
        scopes.into_iter().flat_map(in_scope).collect()
    }

    /// The director's permit, from the door over what is damaged.
    pub(crate) fn may<A: Act>(&self, act: A) -> Result<Permit<A>, Stopped> {
        self.permit(&self.house.director.session, act)
    }

    pub(crate) fn permit<A: Act>(&self, who: &Session, act: A) -> Result<Permit<A>, Stopped> {
        block_on(self.door.authorise(who, act)).map_err(|error| match error {
            Error::Fault(_) => Stopped::Failed,
            Error::Denied(_) | Error::Rejected(_) => Stopped::Refused,
        })
    }

    pub(crate) fn level(&self) -> LevelId {
        self.house.created.levels[0]
    }

    pub(crate) fn bills() -> PermissionSet {
        crate::fixture::set([("view_bills", doorward::access::Reach::Any)])
    }

    pub(crate) fn new_person() -> NewPerson {
        NewPerson {
            kind: kind("resident"),
            name: name("Resident 1"),
            email: Some(email("office@example.org")),
            cell: None,
            note: doorward::types::Note::default(),
            reference: None,
            data: DataAbout::ThisPerson,
        }
    }
}

/// What waits in the outbox, taken with a lease.
fn waiting(house: &House) -> Vec<doorward::storage::Claimed> {
    let later = house.now() + Duration::minutes(1);
    let micros = later.unix_timestamp_nanos() / 1_000;
    let now = Micros(i64::try_from(micros).unwrap());
    block_on(house.storage.claim(now, Lease::from_secs(1), Limit::MAX)).unwrap()
}
