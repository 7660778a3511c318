//! S2, S3 and S4: what happens when many act at the same time. Every round is counted, and the bars
//! are asserted.

use std::{fmt::Debug, path::Path, sync::Barrier, thread};

use doorward::{
    AcceptInvitationRejection, Doorward, Error, Fault, Invite, InviteRejection, Joined,
    ManageMembers, RegisterForm, ViewAccess,
    access::{Access, AccessRejection},
    identity::{PasswordCost, Session},
    invitations::{AcceptRejection, Confirmed, IssueRejection, RevokeRejection},
    storage::Limit,
    types::{DisplayName, EmailAddress, Levels, MembershipId, Offer, RoleName, Switches},
};
use doorward_benches::{
    house::{Community, House, PASSWORD, invitation},
    invitees::{folder, invitees, mailed, opened},
    is_test,
};
use doorward_sqlite::{SqliteOptions, SqliteStorage};
use pollster::FutureExt as _;
use secrecy::SecretString;

use crate::{
    process::Child,
    table::{Row, Table, Verdict},
    throughput::somebody,
};

/// Who collides.
const AT_ONCE: usize = 16;

/// How often.
pub fn rounds() -> usize {
    if is_test() { 2 } else { 200 }
}

/// Runs every race.
pub fn run(table: &mut Table) {
    same_person(table);
    one_link(table);
    one_address(table);
    accept_against_revoke(table);
    two_owners(table);
    last_administrator(table);
}

/// S2: one signed-in person accepts sixteen times at once.
fn same_person(table: &mut Table) {
    let place = Place::open();
    let people = people("same", rounds());
    let all = invitees(&place.house, &place.home, &place.inviting, &people);
    let (mut wrong, mut other_answers) = (0, 0);
    for invitee in &all {
        let joined = collide(AT_ONCE, |_| {
            let permit = place
                .house
                .door
                .authorise(&invitee.session, doorward::OwnAccount);
            let permit = permit.block_on().unwrap_or_else(|error| panic!("{error}"));
            place
                .house
                .door
                .accept_signed_in(permit, invitee.invitation, Confirmed::by_post())
                .block_on()
        });
        let made = joined.iter().flatten().map(|joined| joined.membership);
        let made: std::collections::BTreeSet<MembershipId> = made.collect();
        wrong += usize::from(made.len() != 1);
        other_answers += joined.iter().filter(|answer| answer.is_err()).count();
    }
    let members = place.member_count() - 1;
    table.fact(Row {
        name: "S2 16 accepts at once, same person: memberships",
        ours: format!(
            "1 in {}/{}; {other_answers} of {} answers were not that membership",
            rounds() - wrong,
            rounds(),
            rounds() * AT_ONCE,
        ),
        bar: "1; the others are told that they accepted already",
        verdict: Verdict::of(wrong == 0 && other_answers == 0 && members == rounds()),
        peers: "1 everywhere, losers \"not found\" (BA), HTTP 500 (DO); DI fires 2-16 times in 39/200",
    });
}

/// S2': sixteen people accept one invitation by its link at once.
fn one_link(table: &mut Table) {
    let place = Place::open();
    let sponsor = place.house.administrator(&place.inviting);
    let people = people("link", rounds());
    for to in &people {
        let _ = place
            .house
            .invite(place.house.permit(&sponsor), invitation(to));
    }
    let links = mailed(&place.house);
    let (mut wrong, mut untyped) = (0, 0);
    for to in &people {
        let link = &links[to.canonical()];
        let answers = collide(AT_ONCE, |n| register(&place.house.door, link, n));
        wrong += usize::from(answers.iter().filter(|answer| answer.is_ok()).count() != 1);
        let typed = |answer: &&Accepted| {
            let Err(Error::Rejected(AcceptInvitationRejection::Rule(rule))) = answer else {
                return false;
            };
            matches!(
                rule,
                AcceptRejection::LinkUsed | AcceptRejection::SignInToAccept
            )
        };
        let refused = answers.iter().filter(|answer| answer.is_err());
        untyped += refused.filter(|answer| !typed(answer)).count();
    }
    let members = place.member_count() - 1;
    table.fact(Row {
        name: "S2' 16 accepts at once by 16 different people: members",
        ours: format!(
            "1 in {}/{}; {untyped} losers got anything but \"used\" or \"sign in\"",
            rounds() - wrong,
            rounds(),
        ),
        bar: "1",
        verdict: Verdict::of(wrong == 0 && untyped == 0 && members == rounds()),
        peers: "DO 2-16 members from one invitation in 174/200; BA bound to the address; TW 1",
    });
}

/// S2b: sixteen invitations to one address at once, then all are accepted.
fn one_address(table: &mut Table) {
    let place = Place::open();
    let sponsor = place.house.administrator(&place.inviting);
    let people = people("address", rounds());
    let (mut wrong, mut untyped) = (0, 0);
    for to in &people {
        let answers = collide(AT_ONCE, |_| {
            let permit = place.house.permit(&sponsor);
            place.house.door.invite(permit, invitation(to)).block_on()
        });
        wrong += usize::from(answers.iter().filter(|answer| answer.is_ok()).count() != 1);
        let open = |answer: &&Result<_, Error<InviteRejection<IssueRejection>>>| {
            let Err(Error::Rejected(InviteRejection::Rule(rule))) = answer else {
                return false;
            };
            matches!(rule, IssueRejection::AlreadyOpen { .. })
        };
        let refused = answers.iter().filter(|answer| answer.is_err());
        untyped += refused.filter(|answer| !open(answer)).count();
        let link = &mailed(&place.house)[to.canonical()];
        register(&place.house.door, link, 0).unwrap_or_else(|error| panic!("{error}"));
    }
    let members = place.member_count() - 1;
    table.fact(Row {
        name: "S2b 16 creates at once for one address, then accepted",
        ours: format!(
            "1 pending in {}/{}, {members} members for {} people, {untyped} raw errors",
            rounds() - wrong,
            rounds(),
            rounds(),
        ),
        bar: "1 pending, 1 member, no raw error",
        verdict: Verdict::of(wrong == 0 && untyped == 0 && members == rounds()),
        peers: "TW 3-16 pending in 200/200; DO 16 rows always, 3,000 x HTTP 500; DI 2,190 x 500; BA 1",
    });
}

/// S3: accept against revoke.
fn accept_against_revoke(table: &mut Table) {
    let place = Place::open();
    let sponsor = place.house.administrator(&place.inviting);
    let people = people("revoke", rounds());
    let all = invitees(&place.house, &place.home, &place.inviting, &people);
    let door = &place.house.door;
    let (mut both, mut neither, mut accepted, mut untyped) = (0, 0, 0, 0);
    for invitee in &all {
        let answers = collide(2, |n| {
            if n == 0 {
                let permit = door
                    .authorise(&invitee.session, doorward::OwnAccount)
                    .block_on();
                let permit = permit.unwrap_or_else(|error| panic!("{error}"));
                let accept =
                    door.accept_signed_in(permit, invitee.invitation, Confirmed::by_post());
                match accept.block_on() {
                    Ok(_) => Told::Yes,
                    Err(Error::Rejected(AcceptInvitationRejection::Rule(
                        AcceptRejection::Closed(_),
                    ))) => Told::No,
                    Err(_) => Told::Raw,
                }
            } else {
                let permit = place.house.permit(&sponsor);
                let id = invitee.invitation.invitation;
                match door.revoke_invitation(permit, id).block_on() {
                    Ok(()) => Told::Yes,
                    Err(Error::Rejected(RevokeRejection::Closed(_))) => Told::No,
                    Err(_) => Told::Raw,
                }
            }
        });
        both += usize::from(answers == [Told::Yes, Told::Yes]);
        neither += usize::from(!answers.contains(&Told::Yes));
        accepted += usize::from(answers[0] == Told::Yes);
        untyped += answers.iter().filter(|told| **told == Told::Raw).count();
    }
    let members = place.member_count() - 1;
    table.fact(Row {
        name: "S3 accept against cancel: both told \"ok\"",
        ours: format!(
            "{both}/{}; {accepted} accepted, {members} members",
            rounds()
        ),
        bar: "0, one of the two told no",
        verdict: Verdict::of(both + neither + untyped == 0 && accepted == members),
        peers: "BA both told \"ok\" in 100/200; DO delete undone in 34/200; TW 0",
    });
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Told {
    Yes,
    No,
    Raw,
}

/// What two owners do to each other.
#[derive(Clone, Copy, Debug)]
pub enum Attack {
    Demote,
    Disable,
    Leave,
    Remove,
}

impl Attack {
    const ALL: [(Self, Self); 5] = [
        (Self::Demote, Self::Demote),
        (Self::Remove, Self::Remove),
        (Self::Leave, Self::Leave),
        (Self::Disable, Self::Disable),
        (Self::Remove, Self::Demote),
    ];

    /// The word that another process is told.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Demote => "demote",
            Self::Disable => "disable",
            Self::Leave => "leave",
            Self::Remove => "remove",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Self {
        let all = [Self::Demote, Self::Disable, Self::Leave, Self::Remove];
        let found = all.into_iter().find(|attack| attack.as_str() == word);
        found.unwrap_or_else(|| panic!("`{word}` is no attack"))
    }

    /// Acts as the one on the other.
    pub fn act(self, door: &Doorward, by: &Session, on: MembershipId) {
        let Ok(permit) = door.authorise(by, ManageMembers).block_on() else {
            return;
        };
        match self {
            Self::Remove => door
                .remove_member(permit, on)
                .block_on()
                .map_or_else(drop, drop),
            Self::Disable => door
                .disable_access(permit, on)
                .block_on()
                .map_or_else(drop, drop),
            Self::Leave => {
                let left = door.remove_member(permit, by.membership);
                left.block_on().map_or_else(drop, drop);
            }
            Self::Demote => {
                let _ = demote(door, by, on);
            }
        }
    }
}

fn demote(door: &Doorward, by: &Session, on: MembershipId) -> Result<(), Option<AccessRejection>> {
    let permit = || door.authorise(by, ManageMembers).block_on();
    let read = permit().map_err(|_| None)?;
    let read = door.member(&read, on).block_on().map_err(|_| None)?;
    let access = Access {
        role: Some(role("caregiver")),
        levels: Levels::none(),
        switches: Switches::default(),
    };
    let permit = permit().map_err(|_| None)?;
    match door
        .edit_access(permit, on, read.version, access)
        .block_on()
    {
        Ok(()) => Ok(()),
        Err(Error::Rejected(rejection)) => Err(Some(rejection)),
        Err(_) => Err(None),
    }
}

/// S4: two administrators act on each other, in one process and from two.
fn two_owners(table: &mut Table) {
    let place = Place::open();
    let mut child = Child::start(&["owners", &place.path.display().to_string()]);
    let mut orphaned = (0, 0);
    let mut number = 10;
    for (first, second) in Attack::ALL {
        for round in 0..rounds() {
            for from_two in [false, true] {
                number += 1;
                let (maria, nuno) = place.pair(number);
                let door = &place.house.door;
                if from_two {
                    child.ask(&(second.as_str(), &nuno, maria.membership));
                    // Now one is first, and now the other.
                    thread::sleep(std::time::Duration::from_micros(20 * (round as u64 % 16)));
                    first.act(door, &maria, nuno.membership);
                    child.answer();
                } else {
                    collide(2, |n| match n {
                        0 => first.act(door, &maria, nuno.membership),
                        _ => second.act(door, &nuno, maria.membership),
                    });
                }
                let administers = |session| door.authorise(session, ManageMembers).block_on();
                let left = administers(&maria).is_ok() || administers(&nuno).is_ok();
                if from_two {
                    orphaned.1 += usize::from(!left);
                } else {
                    orphaned.0 += usize::from(!left);
                }
            }
        }
    }
    let rounds = rounds() * Attack::ALL.len();
    table.fact(Row {
        name: "S4 two owners act on each other, one process: no owner left",
        ours: format!("{}/{rounds}", orphaned.0),
        bar: "0",
        verdict: Verdict::of(orphaned.0 == 0),
        peers: "BA 0 (one connection); DO transfer against removal 20/200",
    });
    table.fact(Row {
        name: "S4 two owners act on each other, two processes: no owner left",
        ours: format!("{}/{rounds}", orphaned.1),
        bar: "0",
        verdict: Verdict::of(orphaned.1 == 0),
        peers: "BA 89/200 (WAL 83)",
    });
}

/// S4: the only administrator steps down.
fn last_administrator(table: &mut Table) {
    let place = Place::open();
    let door = &place.house.door;
    let only = place.house.administrator(&place.inviting);
    let demoted = demote(door, &only, only.membership);
    Attack::Leave.act(door, &only, only.membership);
    Attack::Disable.act(door, &only, only.membership);
    let left = door.authorise(&only, ManageMembers).block_on().is_ok();
    let refused = matches!(demoted, Err(Some(AccessRejection::LastAdministrator)));
    table.fact(Row {
        name: "S4 last administrator demotes, disables or removes themselves",
        ours: "0 left without one; refused as the last".to_owned(),
        bar: "0, refused",
        verdict: Verdict::of(left && refused),
        peers: "BA the only admin may set its own role to user: 0 admins, no race",
    });
}

type Accepted = Result<Joined, Error<AcceptInvitationRejection>>;

fn register(door: &Doorward, link: &str, n: usize) -> Accepted {
    let name = DisplayName::new(&format!("Sam Staff {n}"));
    let form = RegisterForm {
        name: name.unwrap_or_else(|error| panic!("{error}")),
        password: SecretString::from(PASSWORD),
        agreed: [].into(),
    };
    let answer = door.accept_by_link(link, form, Confirmed::by_post(), None);
    let answer = answer.block_on();
    assert!(
        !matches!(answer, Err(Error::Fault(Fault::Storage(_)))),
        "a raw error: {answer:?}"
    );
    answer
}

/// Where they race: two communities in one file.
struct Place {
    _folder: tempfile::TempDir,
    path: std::path::PathBuf,
    house: House<SqliteStorage>,
    home: Community,
    inviting: Community,
}

impl Place {
    fn open() -> Self {
        let folder = folder();
        let path = folder.path().join("race.db");
        let house = open(&path);
        Self {
            home: house.community(0),
            inviting: house.community(1),
            house,
            path,
            _folder: folder,
        }
    }

    /// How many members the community has that invites.
    fn member_count(&self) -> usize {
        let administrator = self.house.administrator(&self.inviting);
        let permit = self
            .house
            .door
            .authorise(&administrator, ViewAccess)
            .block_on();
        let permit = permit.unwrap_or_else(|error| panic!("{error}"));
        let (mut count, mut after) = (0, None);
        loop {
            let members = self.house.door.members(&permit, after.as_ref(), Limit::MAX);
            let page = members.block_on().unwrap_or_else(|error| panic!("{error}"));
            count += page.rows.len();
            match page.next {
                Some(next) => after = Some(next),
                None => return count,
            }
        }
    }

    /// A community of its own with two administrators.
    fn pair(&self, number: usize) -> (Session, Session) {
        let community = self.house.community(number);
        let maria = self.house.administrator(&community);
        let to = somebody("second", number);
        let form = doorward::NewInvitation {
            offer: Offer::of(doorward_benches::house::staff()).with_role(role("administrator")),
            ..invitation(&to)
        };
        let permit = self.house.door.authorise(&maria, Invite).block_on();
        let _ = self
            .house
            .invite(permit.unwrap_or_else(|error| panic!("{error}")), form);
        let link = &mailed(&self.house)[to.canonical()];
        register(&self.house.door, link, 0).unwrap_or_else(|error| panic!("{error}"));
        (maria, self.house.session(community.tenant, &to))
    }
}

/// Opens a file as each process does.
pub fn open(path: &Path) -> House<SqliteStorage> {
    House::on(opened(SqliteOptions::new(path)), PasswordCost::for_tests())
}

/// Lets this many act at the same moment, and returns their answers in order.
fn collide<T: Debug + Send>(at_once: usize, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(at_once);
    thread::scope(|scope| {
        let threads = (0..at_once).map(|n| {
            let (barrier, act) = (&barrier, &act);
            scope.spawn(move || {
                barrier.wait();
                act(n)
            })
        });
        let threads: Vec<_> = threads.collect();
        let answers = threads.into_iter().map(thread::ScopedJoinHandle::join);
        answers
            .map(|answer| answer.unwrap_or_else(|_| panic!("a racer")))
            .collect()
    })
}

fn people(name: &str, count: usize) -> Vec<EmailAddress> {
    (0..count).map(|n| somebody(name, n)).collect()
}

fn role(name: &str) -> RoleName {
    RoleName::new(name).unwrap_or_else(|error| panic!("{error}"))
}
