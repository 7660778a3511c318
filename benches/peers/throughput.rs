//! S1: invitations created and accepted, one at a time and many at once.

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Instant,
};

use doorward::{
    InvitationRef, Invite, RegisterForm,
    identity::{PasswordCost, Session},
    invitations::Confirmed,
    types::{DisplayName, EmailAddress, InvitationId, RequestId},
};
use doorward_benches::{
    house::{Community, House, PASSWORD, address, invitation},
    invitees::{Invitee, addresses, folder, invitees, let_in, mailed, opened},
    is_test, usage,
};
use doorward_sqlite::{Durability, SqliteOptions, SqliteStorage};
use pollster::FutureExt as _;
use rusqlite::{Connection, params};
use secrecy::SecretString;
use uuid::Uuid;

use crate::table::{Row, Table, Verdict};

/// How many are created, and accepted by as many people.
const COUNT: usize = 2_000;

/// Measures the rows of S1.
pub fn measure(table: &mut Table) {
    let count = if is_test() { 8 } else { COUNT };
    bare(table, count);
    let folder = folder();
    let path = folder.path().join("s1.db");
    let people = addresses(count);
    let made = members(&path, &people);

    let house = House::on(opened(SqliteOptions::new(&path)), PasswordCost::for_tests());
    let sponsor = house.session(made.inviting.tenant, &made.inviting.administrator);
    let mut invited = Vec::with_capacity(count);
    let created = one_by_one(&people, |to| invited.push(create(&house, &sponsor, to)));
    table.figure(Row {
        name: "S1 create, one at a time",
        ours: created.to_string(),
        bar: ">= 2,000/s (4 x BA in WAL), all checks",
        verdict: created.at_least(2_000.0),
        peers: "WAL: BA 450-501/s; rollback journal: BA 271-334, TW 641-728, DO 955-1,072, DI 303-333",
    });
    let _ = mailed(&house);
    let all = made.invitees(&invited);
    let accepted = one_by_one(&all, |invitee| {
        let _ = invitee.accept(&house.door).block_on();
    });
    table.figure(Row {
        name: "S1 accept by a signed-in account, one at a time, one commit",
        ours: accepted.to_string(),
        bar: ">= 2,500/s (4 x BA in WAL)",
        verdict: accepted.at_least(2_500.0),
        peers: "WAL: BA 609-626/s; rollback journal: BA 249-275, TW 342-415, DO 237-238, DI 305-319",
    });
    let rss = usage::resident_mib();

    at_once(table, count);
    new_accounts(table, count);
    one_hash(table);
    table.figure(Row {
        name: "S1 memory of the process after it",
        ours: format!("{rss:.0} MB RSS"),
        bar: "-",
        verdict: Verdict::NoBar,
        peers: "BA 165-210 MB",
    });
}

/// The people of S1: members of one community, whom another one invites.
struct Made {
    sessions: Vec<Session>,
    people: Vec<EmailAddress>,
    inviting: Community,
}

impl Made {
    /// Everybody with the invitation that waits for them.
    fn invitees(&self, invited: &[InvitationId]) -> Vec<Invitee> {
        let each = self
            .sessions
            .iter()
            .zip(&self.people)
            .zip(invited)
            .zip(1_u128..);
        let invitee = |(((session, address), invitation), n): (
            ((&Session, &EmailAddress), &InvitationId),
            u128,
        )| Invitee {
            session: *session,
            invitation: InvitationRef {
                tenant: self.inviting.tenant,
                invitation: *invitation,
            },
            address: address.clone(),
            request: RequestId::from_uuid(Uuid::from_u128(n)),
        };
        each.map(invitee).collect()
    }
}

fn members(path: &Path, people: &[EmailAddress]) -> Made {
    let made = opened(SqliteOptions::new(path).durability(Durability::Normal));
    let house = House::on(made, PasswordCost::for_tests());
    let (home, inviting) = (house.community(0), house.community(1));
    let administrator = house.administrator(&home);
    Made {
        sessions: let_in(&house, &administrator, people),
        people: people.to_vec(),
        inviting,
    }
}

/// Creates one as a host's request handler does: the session is checked, then the act.
fn create(house: &House<SqliteStorage>, sponsor: &Session, to: &EmailAddress) -> InvitationId {
    let permit = house.door.authorise(sponsor, Invite).block_on();
    let permit = permit.unwrap_or_else(|error| panic!("{error}"));
    house.invite(permit, invitation(to)).invitation
}

/// Accepting, 32 at a time.
fn at_once(table: &mut Table, count: usize) {
    let folder = folder();
    let path = folder.path().join("s1-32.db");
    let all = {
        let made = opened(SqliteOptions::new(&path).durability(Durability::Normal));
        let house = House::on(made, PasswordCost::for_tests());
        let (home, inviting) = (house.community(0), house.community(1));
        invitees(&house, &home, &inviting, &addresses(count))
    };
    let house = House::on(opened(SqliteOptions::new(&path)), PasswordCost::for_tests());
    let next = AtomicUsize::new(0);
    let begin = Instant::now();
    thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| {
                while let Some(invitee) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let _ = invitee.accept(&house.door).block_on();
                }
            });
        }
    });
    let rate = count as f64 / begin.elapsed().as_secs_f64();
    table.figure(Row {
        name: "S1 accept, 32 at once",
        ours: format!("{rate:.0}/s"),
        bar: ">= 5,000/s (8 x BA in WAL, one at a time)",
        verdict: Verdict::of(rate >= 5_000.0),
        peers: "PostgreSQL, 8 at once: BA 519-612/s",
    });
}

/// Accepting as a new person, with a session after it, at a hash that costs next to nothing.
fn new_accounts(table: &mut Table, count: usize) {
    let folder = folder();
    let path = folder.path().join("s1-new.db");
    let house = House::on(opened(SqliteOptions::new(path)), PasswordCost::for_tests());
    let community = house.community(0);
    let sponsor = house.administrator(&community);
    let people = addresses(count);
    for to in &people {
        let _ = create(&house, &sponsor, to);
    }
    let links = mailed(&house);
    let name = DisplayName::new("Sam Staff").unwrap_or_else(|error| panic!("{error}"));
    let done = one_by_one(&people, |to| {
        let form = RegisterForm {
            name: name.clone(),
            password: SecretString::from(PASSWORD),
            agreed: [].into(),
        };
        let link = &links[to.canonical()];
        let joined = house
            .door
            .accept_by_link(link, form, Confirmed::by_post(), None);
        let _ = joined.block_on().unwrap_or_else(|error| panic!("{error}"));
        house.session(community.tenant, to)
    });
    table.figure(Row {
        name: "S1 new account + session, minimal hash",
        ours: done.to_string(),
        bar: "-",
        verdict: Verdict::NoBar,
        peers: "rollback journal: BA 420-424/s, DO and DI 141-147/s",
    });
}

/// One hash at the default cost.
fn one_hash(table: &mut Table) {
    let house = House::open();
    let community = house.community(0);
    let tries = if is_test() { 1 } else { 21 };
    let done = one_by_one(&vec![(); tries], |()| house.administrator(&community));
    table.figure(Row {
        name: "S1 one sign-in at the default password hash, in memory",
        ours: format!("Argon2id 19 MiB t2: {:.1} ms", done.p50 * 1e3),
        bar: "-",
        verdict: Verdict::NoBar,
        peers: "BA scrypt 63-73 ms, TW Argon2id 19 MiB t2 13-15 ms, DO and DI PBKDF2 181-189 ms",
    });
}

/// What the disk allows: one row a transaction, nothing else.
fn bare(table: &mut Table, count: usize) {
    let folder = folder();
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(folder.path().join("bare.db"))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute(
            "CREATE TABLE invitation (id INTEGER PRIMARY KEY, body TEXT)",
            [],
        )?;
        Ok(connection)
    };
    let connection = open().unwrap_or_else(|error| panic!("{error}"));
    let numbers: Vec<usize> = (0..count).collect();
    let insert = "INSERT INTO invitation (id, body) VALUES (?1, ?2)";
    let body = "x".repeat(300);
    let done = one_by_one(&numbers, |n| {
        let n = i64::try_from(*n).unwrap_or(0);
        let inserted = connection
            .prepare_cached(insert)
            .and_then(|mut statement| statement.execute(params![n, body]));
        inserted.unwrap_or_else(|error| panic!("{error}"))
    });
    table.figure(Row {
        name: "S1 the disk in this run: one row a transaction by raw rusqlite",
        ours: done.to_string(),
        bar: "-",
        verdict: Verdict::NoBar,
        peers: "floor when the peers ran (Python, WAL, FULL): 7,100-7,900 create, 7,700-9,000 accept a second",
    });
}

/// How quick one after the other was.
pub struct Pace {
    rate: f64,
    p50: f64,
    p99: f64,
}

impl Pace {
    fn at_least(&self, rate: f64) -> Verdict {
        Verdict::of(self.rate >= rate)
    }
}

impl std::fmt::Display for Pace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rate, p50, p99 } = self;
        write!(f, "{rate:.0}/s; {:.2} / {:.2} ms", p50 * 1e3, p99 * 1e3)
    }
}

/// Does it for each, one after the other.
pub fn one_by_one<T, A>(all: &[T], mut act: impl FnMut(&T) -> A) -> Pace {
    let mut times = Vec::with_capacity(all.len());
    let begin = Instant::now();
    for one in all {
        let begin = Instant::now();
        let _ = std::hint::black_box(act(one));
        times.push(begin.elapsed().as_secs_f64());
    }
    let rate = all.len() as f64 / begin.elapsed().as_secs_f64();
    times.sort_unstable_by(f64::total_cmp);
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
    Pace {
        rate,
        p50: at(50),
        p99: at(99),
    }
}

/// An address that nobody else has.
pub fn somebody(name: &str, n: usize) -> EmailAddress {
    address(&format!("{name}{n:04}@family.example"))
}
