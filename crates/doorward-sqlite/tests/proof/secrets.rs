//! Clear text of secrets, looked for byte by byte in every file of a folder.

use std::{collections::HashMap, fmt::Write, fs, path::Path, process::Command};

use base64ct::{Base64, Base64UrlUnpadded, Encoding};

/// What must be nowhere.
#[derive(Default)]
pub(crate) struct Secrets {
    needles: Vec<Vec<u8>>,
    /// The needles that begin with these bytes.
    by_start: HashMap<[u8; START], Vec<usize>>,
}

/// How many bytes the shortest secret has: a PIN's.
const START: usize = 6;

/// Where the secret's 32 bytes stand in a token of a tenant and in one of the directory: behind
/// purpose, scope, tenant, record and generation, before a checksum of four.
const IN_A_TENANT: usize = 1 + 1 + 16 + 16 + 4;
const IN_THE_DIRECTORY: usize = IN_A_TENANT - 16;

impl Secrets {
    /// Adds the line of a mail that holds a secret: a link, a temporary password or a PIN.
    pub(crate) fn add(&mut self, line: &str) {
        let Some((_, token)) = line.split_once("#dw1_") else {
            self.needle(line.as_bytes().to_vec());
            // Whatever parts it for the eye may be left out.
            let plain: String = line.chars().filter(char::is_ascii_alphanumeric).collect();
            self.needle(plain.into_bytes());
            return;
        };
        let bytes = Base64UrlUnpadded::decode_vec(token).unwrap();
        let from = bytes.len() - 36;
        assert!([IN_A_TENANT, IN_THE_DIRECTORY].contains(&from), "{token}");
        let secret = &bytes[from..from + 32];
        // As it stands in the mail, where it begins in the middle of a letter.
        let letters = (from * 8).div_ceil(6)..(from + 32) * 8 / 6;
        self.needle(token.as_bytes()[letters].to_vec());
        self.needle(secret.to_vec());
        self.needle(Base64UrlUnpadded::encode_string(secret).into_bytes());
        self.needle(Base64::encode_string(secret).into_bytes());
        let hex = secret.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        self.needle(hex.to_uppercase().into_bytes());
        self.needle(hex.into_bytes());
    }

    /// Panics where a file of the folder holds one.
    pub(crate) fn assert_absent(&self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let bytes = bytes_of(&path);
            let found = self.first_in(&bytes);
            assert_eq!(found, None, "clear text in {}", path.display());
        }
    }

    fn needle(&mut self, needle: Vec<u8>) {
        let start = *needle.first_chunk().expect("six bytes or more");
        self.by_start
            .entry(start)
            .or_default()
            .push(self.needles.len());
        self.needles.push(needle);
    }

    /// Returns the place of the first secret.
    fn first_in(&self, bytes: &[u8]) -> Option<usize> {
        // Most places of a file begin none: a table tells that quickly.
        let mut begins = vec![false; 1 << TABLE_BITS];
        for start in self.by_start.keys() {
            begins[slot(start)] = true;
        }
        let mut at = 0;
        while at + START <= bytes.len() {
            if begins[slot(&bytes[at..])] && self.is_at(bytes, at) {
                return Some(at);
            }
            at += 1;
        }
        None
    }

    fn is_at(&self, bytes: &[u8], at: usize) -> bool {
        let start = bytes[at..].first_chunk::<START>();
        let needles = start.and_then(|start| self.by_start.get(start));
        needles.into_iter().flatten().any(|number| {
            let needle = &self.needles[*number];
            let alone = needle.len() > START || stands_alone(bytes, at);
            alone && bytes[at..].starts_with(needle)
        })
    }
}

/// Reads a file in a process of its own. Where this one has the database open, closing another handle
/// of its files gives up all its locks on them, and the next process to open it would take it for
/// nobody's and cut the `-shm` file that is mapped here.
fn bytes_of(path: &Path) -> Vec<u8> {
    let read = Command::new("cat").arg(path).output().unwrap();
    assert!(read.status.success(), "`{}`: {read:?}", path.display());
    read.stdout
}

const TABLE_BITS: u32 = 20;

/// The place in a table of whatever begins with these four bytes.
fn slot(bytes: &[u8]) -> usize {
    let start = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    (start.wrapping_mul(0x9e37_79b1) >> (32 - TABLE_BITS)) as usize
}

/// Six digits are in every file: in instants, in ids, in digests. As a PIN they would stand alone.
fn stands_alone(bytes: &[u8], at: usize) -> bool {
    let joins = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b".:+-/_=".contains(byte))
    };
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    !joins(before) && !joins(bytes.get(at + START))
}

#[test]
fn a_planted_secret_is_found_however_it_is_written() {
    let token: Vec<u8> = (0..IN_A_TENANT + 36).map(|n| 0x5a ^ (n as u8)).collect();
    let secret = &token[IN_A_TENANT..][..32];
    let link = format!(
        "https://care.example.org/#dw1_{}",
        Base64UrlUnpadded::encode_string(&token)
    );
    let mut secrets = Secrets::default();
    for line in [&link, "493817", "KTWM-QXNC-RRLH-VVZD"] {
        secrets.add(line);
    }
    let upper: String = secret.iter().map(|byte| format!("{byte:02X}")).collect();
    for planted in [
        link.as_bytes(),
        secret,
        Base64::encode_string(secret).as_bytes(),
        upper.as_bytes(),
        upper.to_lowercase().as_bytes(),
        b"{\"pin\":\"493817\"}",
        b"\x00493817\x00",
        b"KTWMQXNCRRLHVVZD",
    ] {
        let page = [&[0xee; 100][..], planted, &[0xee; 100]].concat();
        assert!(secrets.first_in(&page).is_some(), "{planted:?}");
    }
    for other in [
        &b"2026-11-22T10:00:00.493817Z"[..],
        b"a493817f",
        &token[..30],
    ] {
        assert_eq!(secrets.first_in(other), None, "{other:?}");
    }
}
