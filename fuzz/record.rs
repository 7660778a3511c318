//! Stored bodies.

use doorward::fuzzing::{Rewritten, rewrite};

use crate::law::text;

/// A body that is read is written in one form, with the same claims and index entries, whatever
/// adapter handed its bytes over; one that is not read names its kind and nothing that it holds.
///
/// The first line is the kind of the record, the rest its body.
///
/// # Panics
/// Where a law does not hold.
pub fn record(bytes: &[u8]) {
    let Some(at) = bytes.iter().position(|byte| *byte == b'\n') else {
        return;
    };
    let (kind, body) = bytes.split_at(at);
    let body = body.strip_prefix(b"\n").unwrap_or(body);
    let Some(kind) = text(kind) else {
        return;
    };
    match rewrite(kind, body) {
        None => {}
        Some(Err(fault)) => {
            let expected = format!("the stored {kind} `00000000-0000-0000-0000-000000000000`");
            let shown = fault.to_string();
            assert!(shown.starts_with(&expected), "{shown}");
        }
        Some(Ok(written)) => {
            let again = rewrite(kind, &written.body).and_then(Result::ok);
            let body = again.as_ref().map(shown);
            assert_eq!(body, Some(shown(&written)), "one form");
            assert_eq!(again, Some(written), "the same claims and index entries");
        }
    }
}

fn shown(written: &Rewritten) -> String {
    String::from_utf8_lossy(&written.body).into_owned()
}
