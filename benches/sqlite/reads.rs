//! Reading a million grants, and the size of members and grants, at a million each.

use std::{fs, hint::black_box, path::Path, sync::Arc};

use doorward::{
    Doorward, InvitationRef, Invite, ManagePeople, NewInvitation, NewPerson, OwnAccount,
    identity::{PasswordCost, Session},
    invitations::Confirmed,
    types::{DisplayName, KindName, Note, Offer, SubjectOffer, Window},
};
use doorward_benches::{
    house::{House, address, invitation},
    interleave,
    invitees::{folder, let_in, mailed, opened},
    is_test, usage,
};
use doorward_examples::alis_connect;
use doorward_sqlite::{SqliteOptions, SqliteStorage};
use doorward_storage::{Cursor, Kind, Limit, Range, RecordKey, Scope, Storage as _, Write};
use pollster::FutureExt as _;
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::{
    fill::fill,
    floor::{self, Floor, Part},
    pages,
    recorder::{Recorder, Step},
};

/// How many members and grants there are.
const ROWS: usize = 1_000_000;
/// How many memberships an account has in the point read.
const MEMBERSHIPS: usize = 10;
/// How many rows a page has.
const PAGE: usize = 1_000;

/// Measures point reads, the list and the sizes.
pub fn reads(wanted: impl Fn(&str) -> bool) {
    let names = ["point_read_sqlite", "list_1m_sqlite", "size_sqlite"];
    if !names.iter().any(|name| wanted(name)) {
        return;
    }
    let rows = if is_test() { 100 } else { ROWS };
    let templates = Templates::record();
    members(&templates, rows, &wanted);
    grants(&templates, rows, &wanted);
}

/// One account with its membership and its seat for each member: how large they are, and how quick
/// an account and ten memberships are read.
fn members(templates: &Templates, rows: usize, wanted: &impl Fn(&str) -> bool) {
    let folder = folder();
    let path = folder.path().join("members.db");
    drop(opened(SqliteOptions::new(&path)));
    let empty = size(&path);
    fill(&path, rows, &templates.member);
    println!(
        "size_sqlite: {:.0} bytes on disk a member (account, membership, seat), of {rows}",
        (size(&path) - empty) / rows as f64
    );
    let before = usage::resident_mib();
    let ours = opened(SqliteOptions::new(&path));
    let floor = Floor::open(&path);
    let keys = Keys::read(&path);
    if wanted("point_read_sqlite") {
        let mut turn = 0;
        let mut next = move || {
            turn += 1;
            keys.of(turn * 7_919)
        };
        let mut other = next.clone();
        let medians = interleave(
            101,
            200,
            || {
                let read = ours.get(&next()).block_on();
                black_box(read.unwrap_or_else(|error| panic!("{error}")))
            },
            || {
                let keys = other();
                let read = move |connection: &Connection| pages::records(connection, &keys);
                black_box(floor.read(read).block_on())
            },
        );
        medians.print("point_read_sqlite");
    }
    println!(
        "size_sqlite: RSS {:+.1} MB with {rows} members open and read",
        usage::resident_mib() - before
    );
}

/// A million grants: how large they are, and how quick all are listed.
fn grants(templates: &Templates, rows: usize, wanted: &impl Fn(&str) -> bool) {
    let folder = folder();
    let path = folder.path().join("grants.db");
    drop(opened(SqliteOptions::new(&path)));
    let empty = size(&path);
    fill(&path, rows, &templates.grant);
    println!(
        "size_sqlite: {:.0} bytes on disk a grant, of {rows}",
        (size(&path) - empty) / rows as f64
    );
    if !wanted("list_1m_sqlite") {
        return;
    }
    let before = usage::resident_mib();
    let ours = opened(SqliteOptions::new(&path));
    let floor = Floor::open(&path);
    let scope = templates.tenant;
    let medians = interleave(
        7,
        1,
        || assert_eq!(list(&ours, scope), rows),
        || assert_eq!(list_by_hand(&floor, scope), rows),
    );
    println!(
        "list_1m_sqlite: ours {:.2} M rows/s, floor {:.2} M rows/s",
        rows as f64 * 1e3 / medians.ours,
        rows as f64 * 1e3 / medians.floor
    );
    println!("ratio list_1m_sqlite {:.3}", medians.ratio());
    println!(
        "size_sqlite: RSS {:+.1} MB with {rows} grants open and listed",
        usage::resident_mib() - before
    );
}

fn list(storage: &SqliteStorage, scope: Scope) -> usize {
    let range = Range::kind(scope, Kind::from_static("grant"));
    let limit = Limit::clamped(PAGE);
    let (mut count, mut after): (_, Option<Cursor>) = (0, None);
    loop {
        let page = storage.scan(&range, after.as_ref(), limit).block_on();
        let page = page.unwrap_or_else(|error| panic!("{error}"));
        count += black_box(&page.records).len();
        match page.next {
            Some(next) => after = Some(next),
            None => return count,
        }
    }
}

fn list_by_hand(floor: &Floor, scope: Scope) -> usize {
    let (mut count, mut after) = (0, Vec::new());
    loop {
        let last = after.clone();
        let page = floor.read(move |connection| pages::page(connection, scope, &last, PAGE));
        let page = page.block_on();
        count += black_box(&page).len();
        match page.last() {
            Some(last) if page.len() == PAGE => after.clone_from(&last.0),
            _ => return count,
        }
    }
}

/// The keys of accounts and memberships, as a host knows them.
#[derive(Clone)]
struct Keys(Arc<Vec<(RecordKey, RecordKey)>>);

impl Keys {
    fn read(path: &Path) -> Self {
        let connection = floor::connect(path, Part::Read);
        let ids = |kind: &str| -> rusqlite::Result<Vec<(Vec<u8>, Vec<u8>)>> {
            let ids = "SELECT scope, id FROM doorward_record WHERE kind = ?1 LIMIT 100000";
            let mut ids = connection.prepare(ids)?;
            ids.query_map(params![kind], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        };
        let keys = |kind: &'static str| {
            let found = ids(kind).unwrap_or_else(|error| panic!("{error}"));
            let key = move |(scope, id): (Vec<u8>, Vec<u8>)| {
                let scope = Uuid::from_slice(&scope).map_or(Scope::Directory, Scope::Tenant);
                let id = Uuid::from_slice(&id).unwrap_or_else(|error| panic!("{error}"));
                RecordKey::new(scope, Kind::from_static(kind), id)
            };
            found.into_iter().map(key)
        };
        Self(Arc::new(keys("account").zip(keys("membership")).collect()))
    }

    fn of(&self, n: usize) -> Vec<RecordKey> {
        let at = |n: usize| &self.0[n % self.0.len()];
        let account = at(n).0.clone();
        let memberships = (0..MEMBERSHIPS).map(|m| at(n + m * 104_729).1.clone());
        std::iter::once(account).chain(memberships).collect()
    }
}

fn size(path: &Path) -> f64 {
    let connection = floor::connect(path, Part::Write);
    floor::checkpoint(&connection);
    fs::metadata(path).map_or(0, |file| file.len()) as f64
}

/// What one member and one grant write, as they were recorded of an accept.
struct Templates {
    tenant: Scope,
    member: Vec<Write>,
    grant: Vec<Write>,
}

impl Templates {
    /// Records a contact who is granted a profile over one resident.
    fn record() -> Self {
        let folder = folder();
        let recorder = Recorder::new(opened(SqliteOptions::new(
            folder.path().join("templates.db"),
        )));
        let house = House::on(recorder.clone(), PasswordCost::for_tests());
        let (home, inviting) = (house.community(0), house.community(1));
        let to = address("person000000@family.example");
        let [session] = <[Session; 1]>::try_from(let_in(
            &house,
            &house.administrator(&home),
            std::slice::from_ref(&to),
        ))
        .unwrap_or_else(|sessions| panic!("{sessions:?}"));
        let joined = recorder.take();
        let sponsor = house.administrator(&inviting);
        let form = contact(&house.door, &sponsor, &invitation(&to));
        let permit = house.door.authorise(&sponsor, Invite).block_on();
        let invited = house.invite(permit.unwrap_or_else(|error| panic!("{error}")), form);
        let _ = mailed(&house);
        let _ = recorder.take();
        let permit = house.door.authorise(&session, OwnAccount).block_on();
        let permit = permit.unwrap_or_else(|error| panic!("{error}"));
        let reference = InvitationRef {
            tenant: inviting.tenant,
            invitation: invited.invitation,
        };
        let accepted = house
            .door
            .accept_signed_in(permit, reference, Confirmed::by_post())
            .block_on();
        accepted.unwrap_or_else(|error| panic!("{error}"));
        let granted = recorder.take();
        Self {
            tenant: Scope::Tenant(inviting.tenant.as_uuid()),
            member: writes(joined, &["account", "membership", "seat"]),
            grant: writes(granted, &["grant"]),
        }
    }
}

fn contact(door: &Doorward, sponsor: &Session, to: &NewInvitation) -> NewInvitation {
    let kind = |name| KindName::new(name).unwrap_or_else(|error| panic!("{error}"));
    let name = |text| DisplayName::new(text).unwrap_or_else(|error| panic!("{error}"));
    let permit = door.authorise(sponsor, ManagePeople).block_on();
    let resident = NewPerson {
        kind: kind("resident"),
        name: name("Maria Vogel"),
        email: None,
        cell: None,
        note: Note::default(),
        reference: None,
        data: doorward::DataAbout::ThisPerson,
    };
    let permit = permit.unwrap_or_else(|error| panic!("{error}"));
    let subject = door.record_person(permit, resident).block_on();
    let subject = subject.unwrap_or_else(|error| panic!("{error}")).into();
    let permit = door.authorise(sponsor, doorward::Invite).block_on();
    let permit = permit.unwrap_or_else(|error| panic!("{error}"));
    let profiles = door.profiles(&permit).block_on();
    let profile = profiles.unwrap_or_else(|error| panic!("{error}"))[0]
        .value
        .id();
    let sworn = alis_connect::authorized().unwrap_or_else(|error| panic!("{error}"));
    let offered = SubjectOffer {
        subject,
        profile,
        window: Window::since(door.now()),
    };
    let offer = Offer::of(kind("contact")).with_subject(offered);
    NewInvitation {
        offer: offer.unwrap_or_else(|error| panic!("{error}")),
        sworn: [(subject, sworn)].into(),
        ..to.clone()
    }
}

/// The puts of these kinds in the last commit that has all of them.
fn writes(steps: Vec<Step>, kinds: &[&str]) -> Vec<Write> {
    let batches = steps.into_iter().filter_map(|step| match step {
        Step::Commit(batch) => Some(batch.writes),
        Step::Read(_) => None,
    });
    let mut found = Vec::new();
    for writes in batches {
        let of_kinds = writes.into_iter().filter(
            |write| matches!(write, Write::Put { key, .. } if kinds.contains(&key.kind.as_str())),
        );
        let of_kinds: Vec<Write> = of_kinds.collect();
        if of_kinds.len() == kinds.len() {
            found = of_kinds;
        }
    }
    assert_eq!(found.len(), kinds.len(), "one write of each of {kinds:?}");
    found
}
