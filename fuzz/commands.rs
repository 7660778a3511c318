//! Sequences of commands.

use crate::{command::Command, fixture::House, world::World};

/// Whatever people do one after the other, the use cases over the memory storage do what the plain
/// model of the laws says, the audit log has its entry for each, and no secret is stored.
///
/// Four bytes are a command: what, by whom, and upon what. Each is expected to succeed or to be
/// refused as the model says; everything stored is compared with it after every few.
///
/// # Panics
/// Where a law does not hold.
pub fn commands(bytes: &[u8]) {
    let (commands, _) = bytes.as_chunks::<4>();
    let commands = commands.get(..MOST).unwrap_or(commands);
    if commands.is_empty() {
        return;
    }
    let mut world = World::of(House::open());
    for some in commands.chunks(COMPARED_AFTER) {
        for command in some {
            world.run(read(*command));
        }
        world.check();
    }
    world.check_secrets();
}

/// A longer sequence finds little that a shorter one does not, and takes its time.
const MOST: usize = 64;
/// Comparing everything takes longer than a command does, and what is wrong stays wrong.
const COMPARED_AFTER: usize = 4;

/// As often as the laws draw each of them.
fn read([what, who, x, y]: [u8; 4]) -> Command {
    let flag = y & 0x80 != 0;
    let (x, y) = (usize::from(x % 16), usize::from(y % 16));
    // Directors act often, so that there is something for the others to do.
    let by = match who % 9 {
        0 | 1 => 0,
        2..=4 => 1,
        _ => usize::from(who >> 4),
    };
    match what % 57 {
        0..=5 => Command::Invite {
            by,
            who: x,
            offer: y,
        },
        6 | 7 => Command::Resend { by, invitation: x },
        8 | 9 => Command::Amend {
            by,
            invitation: x,
            subject: y,
            bills: flag,
        },
        10 => Command::Adopt { by, invitation: x },
        11 => Command::Revoke { by, invitation: x },
        12..=20 => Command::AcceptLink {
            invitation: x,
            newest: who % 5 != 0,
        },
        21..=23 => Command::AcceptSignedIn {
            who: usize::from(who % 16),
            invitation: x,
        },
        24 => Command::DeclineLink { invitation: x },
        25..=30 => Command::SignIn {
            who: x,
            right: who % 20 != 0,
        },
        31 | 32 => Command::Disable { by, member: x },
        33 | 34 => Command::Restore { by, member: x },
        35 => Command::Remove { by, member: x },
        36..=38 => Command::EditAccess {
            by,
            member: x,
            role: y,
            levels: who >> 6,
        },
        39 | 40 => Command::EditLevel {
            by,
            level: x,
            bits: who >> 5,
        },
        41..=43 => Command::Grant {
            by,
            member: x,
            subject: y,
            bills: flag,
        },
        44 | 45 => Command::RevokeGrant {
            by,
            member: x,
            subject: y,
        },
        46 => Command::Pass {
            hours: i64::from(who) + 1,
        },
        47 => Command::Sweep,
        _ => Command::Dispatch,
    }
}
