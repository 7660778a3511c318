//! S5: a process that accepts invitations is killed, a hundred times.

use std::{collections::HashSet, fs, path::Path, thread, time::Duration};

use doorward::{ViewAccess, identity::PasswordCost, storage::Limit, types::AccountId};
use doorward_benches::{
    house::{Community, House},
    invitees::{Invitee, addresses, folder, invitees, opened},
    is_test,
};
use doorward_sqlite::{Durability, SqliteOptions, SqliteStorage};
use pollster::FutureExt as _;

use crate::{
    process::{Child, say},
    races::open,
    table::{Row, Table, Verdict},
};

/// How often it is killed.
const KILLS: usize = 100;
/// How many it could accept between two kills.
const BETWEEN: usize = 60;

/// Runs it and counts.
pub fn run(table: &mut Table) {
    let kills = if is_test() { 2 } else { KILLS };
    let folder = folder();
    let (path, list) = (folder.path().join("s5.db"), folder.path().join("s5.json"));
    let (all, inviting) = made(&path, kills * BETWEEN);
    let json = serde_json::to_vec(&all).unwrap_or_else(|error| panic!("{error}"));
    fs::write(&list, json).unwrap_or_else(|error| panic!("{error}"));
    let (path_name, list_name) = (path.display().to_string(), list.display().to_string());

    let (mut begun, mut acknowledged) = (0, HashSet::new());
    for kill in 0..kills {
        let from = begun.to_string();
        let mut child = Child::start(&["crash", &path_name, &list_name, &from]);
        let first = child.answer();
        // From the first answer on, at another moment each time.
        thread::sleep(Duration::from_micros(137 * kill as u64));
        let said = first.into_iter().chain(child.kill());
        let done: Vec<usize> = said.filter_map(|line| line.parse().ok()).collect();
        // The one after the last that was answered may have been under way.
        begun = done.iter().max().map_or(begun, |last| last + 2);
        acknowledged.extend(done);
    }

    let house = open(&path);
    let (members, waiting) = (members(&house, &inviting), waiting(&house, &inviting));
    let (mut without_member, mut without_invitation, mut lost, mut stuck) = (0, 0, 0, 0);
    for (n, invitee) in all.iter().enumerate().take(begun) {
        let is_member = members.contains(&invitee.session.account);
        let waits = waiting.contains(&invitee.invitation.invitation);
        without_member += usize::from(!waits && !is_member);
        without_invitation += usize::from(waits && is_member);
        lost += usize::from(acknowledged.contains(&n) && !is_member);
        // Sent again under the same request, each converges.
        let again = std::panic::AssertUnwindSafe(|| invitee.accept(&house.door).block_on());
        let again = std::panic::catch_unwind(again);
        stuck += usize::from(again.is_err());
    }
    table.fact(Row {
        name: "S5 SIGKILL while accepting: accepted without member",
        ours: format!(
            "{without_member} of {begun} tries; {stuck} stuck; {lost} of {} acknowledged lost",
            acknowledged.len()
        ),
        bar: "0",
        verdict: Verdict::of(without_member + stuck + lost == 0),
        peers: "BA 31 of 1,004, all stuck; TW 71 stuck in \"processing\"; DO 0",
    });
    table.fact(Row {
        name: "S5 member without an accepted invitation",
        ours: format!("{without_invitation} of {begun}"),
        bar: "0",
        verdict: Verdict::of(without_invitation == 0),
        peers: "TW 37; DO 20 of 557; BA 0",
    });
}

/// The child: accepts one after the other and says which.
pub fn child(path: &Path, list: &Path, from: usize) {
    let json = fs::read(list).unwrap_or_else(|error| panic!("{error}"));
    let all: Vec<Invitee> = serde_json::from_slice(&json).unwrap_or_else(|error| panic!("{error}"));
    let house = open(path);
    say("ready");
    for (n, invitee) in all.iter().enumerate().skip(from) {
        let _ = invitee.accept(&house.door).block_on();
        say(&n.to_string());
    }
}

fn made(path: &Path, count: usize) -> (Vec<Invitee>, Community) {
    let made = opened(SqliteOptions::new(path).durability(Durability::Normal));
    let house = House::on(made, PasswordCost::for_tests());
    let (home, inviting) = (house.community(0), house.community(1));
    let all = invitees(&house, &home, &inviting, &addresses(count));
    (all, inviting)
}

fn members(house: &House<SqliteStorage>, community: &Community) -> HashSet<AccountId> {
    let administrator = house.administrator(community);
    let permit = house.door.authorise(&administrator, ViewAccess).block_on();
    let permit = permit.unwrap_or_else(|error| panic!("{error}"));
    let (mut all, mut after) = (HashSet::new(), None);
    loop {
        let page = house
            .door
            .members(&permit, after.as_ref(), Limit::MAX)
            .block_on();
        let page = page.unwrap_or_else(|error| panic!("{error}"));
        all.extend(page.rows.iter().map(|row| row.account));
        match page.next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

fn waiting(
    house: &House<SqliteStorage>,
    community: &Community,
) -> HashSet<doorward::types::InvitationId> {
    let administrator = house.administrator(community);
    let permit = house.door.authorise(&administrator, ViewAccess).block_on();
    let permit = permit.unwrap_or_else(|error| panic!("{error}"));
    let (mut all, mut after) = (HashSet::new(), None);
    loop {
        let page = house
            .door
            .pending_invitations(&permit, after.as_ref(), Limit::MAX);
        let page = page.block_on().unwrap_or_else(|error| panic!("{error}"));
        all.extend(page.rows.iter().map(|row| row.invitation));
        match page.next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}
