//! G7 and G8: a dropped future leaves a batch whole or not at all, and a resend finishes it.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Waker},
    thread,
    time::Duration,
};

use doorward_storage::{Batch, Limit, Range};

use crate::{
    Harness, Verdict,
    case::{ensure, same},
    fixture::{
        SCOPES, THING, audit, body, claim_at, creation, entries, key, message, parts, put, read,
        request,
    },
};

/// At how many points a call is dropped at most.
const POINTS: usize = 16;

/// Polls a call this often, then drops it.
fn poll_then_drop(call: impl Future, times: usize) {
    let mut call = pin!(call);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..times {
        if call.as_mut().poll(&mut context).is_ready() {
            return;
        }
        // An engine that works elsewhere needs a moment to come to its next point.
        thread::sleep(Duration::from_micros(200));
    }
}

fn asked(number: u128) -> Batch {
    parts(number).request(request(SCOPES[0], number))
}

pub(crate) async fn a_dropped_commit_is_whole_or_nothing<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for number in 0..POINTS {
        poll_then_drop(storage.commit(asked(number as u128)), number);
        let number = number as u128;
        let keys = [key(SCOPES[0], number), key(SCOPES[1], number)];
        let found: Vec<_> = storage
            .get(&keys)
            .await?
            .iter()
            .map(Option::is_some)
            .collect();
        let whole = found == [true, true] || found == [false, false];
        ensure(
            whole,
            format_args!("dropped after {number} polls, its records are {found:?}"),
        )?;
    }
    Ok(())
}

pub(crate) async fn a_resend_after_a_lost_answer_applies_once<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    for number in 0..POINTS {
        poll_then_drop(storage.commit(asked(number as u128)), number);
        let number = number as u128;
        storage.commit(asked(number)).await?;
        for scope in [SCOPES[0], SCOPES[1]] {
            let found = body(&*storage, &key(scope, number)).await?;
            same("the body", found.as_deref(), Some("whole"))?;
        }
    }
    same(
        "entries of the log",
        entries(&*storage, SCOPES[0]).await?.len(),
        POINTS,
    )?;
    same("messages", claim_at(&*storage, 0).await?.len(), POINTS)
}

pub(crate) async fn a_dropped_call_leaves_a_working_handle<H: Harness>(harness: &H) -> Verdict {
    let (_guard, storage) = harness.open().await;
    let batch = Batch::new()
        .message(message(SCOPES[1], 1, 0))
        .audit(audit(SCOPES[1], 1, "x"));
    storage.commit(batch).await?;
    let keys = [key(SCOPES[1], 1)];
    let range = Range::kind(SCOPES[1], THING);
    for times in 0..POINTS {
        poll_then_drop(storage.get(&keys), times);
        poll_then_drop(storage.scan(&range, None, Limit::MAX), times);
        poll_then_drop(storage.unsealed(SCOPES[1], Limit::MAX), times);
        poll_then_drop(storage.commit(creation(key(SCOPES[2], 100), "x")), times);
        let number = times as u128 + 1;
        put(&*storage, creation(key(SCOPES[1], number), "after")).await?;
        let found = read(&*storage, &key(SCOPES[1], number)).await?;
        ensure(
            found.is_some(),
            format_args!("a commit after a call dropped at {times} is there"),
        )?;
    }
    same("messages", claim_at(&*storage, 0).await?.len(), 1)
}
