//! The bare verification of a stored password hash.

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Instant,
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64ct::{Base64Unpadded, Encoding as _};

use crate::{Medians, interleave_times, is_test, timed};

/// A stored hash, taken apart beforehand, and the memory to compute it in.
#[derive(Debug)]
pub struct Stored {
    argon2: Argon2<'static>,
    memory: Vec<Block>,
    salt: Vec<u8>,
    output: Vec<u8>,
}

impl Stored {
    /// Reads `$argon2id$v=19$m=19456,t=2,p=1$salt$output` out of what is stored of the one account
    /// there is.
    ///
    /// # Panics
    /// Where there is none, or another one.
    #[must_use]
    pub fn of_the_only_account(stored: &[Vec<u8>]) -> Self {
        let mut hashes = stored.iter().filter_map(|bytes| {
            let text = str::from_utf8(bytes).ok()?;
            let (_, hash) = text.split_once("$argon2id$v=19$m=19456,t=2,p=1$")?;
            let (hash, _) = hash.split_once('"')?;
            hash.split_once('$')
        });
        let (Some((salt, output)), None) = (hashes.next(), hashes.next()) else {
            panic!("one account has a hash of the default cost");
        };
        let decode = |field| {
            Base64Unpadded::decode_vec(field).unwrap_or_else(|error| panic!("a hash: {error}"))
        };
        let output = decode(output);
        let params = Params::new(19 * 1024, 2, 1, Some(output.len()));
        let params = params.unwrap_or_else(|error| panic!("{error}"));
        Self {
            memory: vec![Block::new(); params.block_count()],
            argon2: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            salt: decode(salt),
            output,
        }
    }

    /// Computes the hash of a password and compares.
    ///
    /// # Panics
    /// Never: the parameters were read from a hash.
    pub fn matches(&mut self, password: &str) -> bool {
        let (password, mut output) = (password.as_bytes(), vec![0; self.output.len()]);
        self.argon2
            .hash_password_into_with_memory(password, &self.salt, &mut output, &mut self.memory)
            .unwrap_or_else(|error| panic!("{error}"));
        output == self.output
    }
}

/// How many times both sides take their memory, to be measured in all of it. Where 19 MiB happen to
/// lie makes a hash up to a tenth slower or faster, which is more than what is measured here.
pub const LAYOUTS: usize = 24;

/// On which thread passwords are hashed, ours and the floor's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Hashing {
    /// On the one that signs in: a host that may block it.
    OnCallers,
    /// On one of its own: a host on an executor, and the default.
    OnThreads,
}

/// Measures what sign-ins take over the bare verification of the same hash. A layout is made by its
/// number: what signs in once, and what is stored of the only account.
pub fn over_verification<S: FnMut()>(
    hashing: Hashing,
    mut layout: impl FnMut(usize) -> (S, Vec<Vec<u8>>),
    password: &'static str,
) -> OverVerification {
    let layouts = if is_test() { 1 } else { LAYOUTS };
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for number in 0..layouts {
        let (mut sign_in, stored) = layout(number);
        // Who takes its memory first has the better of it.
        if number % 2 == 0 {
            sign_in();
        }
        let mut verifying = Verifying::new(hashing, Stored::of_the_only_account(&stored));
        let _ = verifying.timed(password);
        sign_in();
        ours.push(sign_in);
        floor.push(verifying);
    }
    let (mut first, mut second) = (0, 0);
    // Another layout each turn: who hashed last finds its memory near the processor, and where two
    // turns were of one layout that was the floor alone. Each layout comes first and second in turns.
    let place = |turn: &mut usize| {
        let layout = (*turn + *turn / layouts) % layouts;
        *turn += 1;
        layout
    };
    let (mut signed_in, mut verified) = (Vec::new(), Vec::new());
    let bare = interleave_times(
        16 * layouts,
        || {
            let nanos = timed(1, &mut ours[place(&mut first)]);
            signed_in.push(nanos);
            nanos
        },
        || {
            let one = floor[place(&mut second)].timed(password);
            verified.push(one.with_way);
            one.bare
        },
    );
    OverVerification {
        hashing,
        bare,
        with_way: Medians::of(signed_in, verified),
    }
}

/// What sign-ins took over the verification alone, and over one with the way to its thread and back.
#[derive(Clone, Copy, Debug)]
pub struct OverVerification {
    hashing: Hashing,
    bare: Medians,
    with_way: Medians,
}

impl OverVerification {
    /// Prints both. The way is that of waking a thread that has slept for as long as a hash takes, and
    /// of being woken by it.
    pub fn print(self, name: &str) {
        if self.hashing == Hashing::OnThreads {
            println!(
                "{name}: to a thread and back {:.0} us; over a floor with that way {:.3}",
                (self.with_way.floor - self.bare.floor) / 1e3,
                self.with_way.ratio()
            );
        }
        self.bare.print(name);
    }
}

/// What one verification took, in nanoseconds.
#[derive(Clone, Copy, Debug)]
struct Verified {
    /// On the thread that verifies.
    bare: f64,
    /// As whoever asked for it saw it.
    with_way: f64,
}

/// What does nothing but verify, where ours does: here, or on a thread like the hashing threads of a
/// service. The processors of a shared machine differ, too.
#[derive(Debug)]
enum Verifying {
    Here(Box<Stored>),
    Thread {
        ask: Sender<&'static str>,
        told: Receiver<f64>,
    },
}

impl Verifying {
    fn new(hashing: Hashing, mut stored: Stored) -> Self {
        if hashing == Hashing::OnCallers {
            return Self::Here(Box::new(stored));
        }
        let (ask, asked) = channel();
        let (tell, told) = channel();
        thread::spawn(move || {
            for password in asked {
                let _ = tell.send(verify(&mut stored, password));
            }
        });
        Self::Thread { ask, told }
    }

    /// Verifies, and returns how long it took.
    fn timed(&mut self, password: &'static str) -> Verified {
        let begin = Instant::now();
        let bare = match self {
            Self::Here(stored) => verify(stored, password),
            Self::Thread { ask, told } => {
                let _ = ask.send(password);
                told.recv().unwrap_or_else(|error| panic!("{error}"))
            }
        };
        let with_way = begin.elapsed().as_secs_f64() * 1e9;
        Verified { bare, with_way }
    }
}

/// Returns what a verification takes, in nanoseconds.
fn verify(stored: &mut Stored, password: &str) -> f64 {
    let begin = Instant::now();
    let matches = stored.matches(password);
    let nanos = begin.elapsed().as_secs_f64() * 1e9;
    assert!(matches, "the password is this");
    nanos
}
