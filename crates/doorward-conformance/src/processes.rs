//! G1, G2, G5, G7 and G11 between two processes: each has handles, caches and locks of its own.

use std::{collections::BTreeSet, thread, time::Duration};

use doorward_storage::Batch;

use crate::{
    Failure, Harness, Verdict,
    case::{ensure, same},
    fixture::{
        SCOPES, body, claim_at, creation, entries, key, message, parts, read, request, request_key,
    },
    second::Second,
};

/// How often two processes meet.
const ROUNDS: u128 = 25;

pub(crate) async fn another_process_sees_a_commit_at_once<H: Harness>(harness: &H) -> Verdict {
    let (guard, storage) = harness.open().await;
    let Some(mut second) = Second::start(harness.second_process(&guard))? else {
        return Ok(());
    };
    for round in 0..ROUNDS {
        let (mine, theirs) = (2 * round, 2 * round + 1);
        storage
            .commit(creation(key(SCOPES[1], mine), "here"))
            .await?;
        second.tell(&format!("read {mine}"))?;
        same("read there", second.answer()?.as_str(), "here")?;
        second.tell(&format!("create {theirs} there"))?;
        same("created there", second.answer()?.as_str(), "now")?;
        let found = body(&*storage, &key(SCOPES[1], theirs)).await?;
        same("read here", found.as_deref(), Some("there"))?;
    }
    Ok(())
}

pub(crate) async fn of_two_processes_one_wins<H: Harness>(harness: &H) -> Verdict {
    let (guard, storage) = harness.open().await;
    let Some(mut second) = Second::start(harness.second_process(&guard))? else {
        return Ok(());
    };
    for round in 0..ROUNDS {
        let (here, there) = (
            format!("create {round} here"),
            format!("create {round} there"),
        );
        let told = second.meet(&*storage, &here, &there).await?;
        let winner = match told.each_ref().map(String::as_str) {
            ["now", "conflict"] => "here",
            ["conflict", "now"] => "there",
            other => return Err(Failure(format!("the processes were told {other:?}"))),
        };
        let found = body(&*storage, &key(SCOPES[1], round)).await?;
        same("the winner's body", found.as_deref(), Some(winner))?;
    }
    Ok(())
}

pub(crate) async fn two_processes_apply_a_request_once<H: Harness>(harness: &H) -> Verdict {
    let (guard, storage) = harness.open().await;
    let Some(mut second) = Second::start(harness.second_process(&guard))? else {
        return Ok(());
    };
    for round in 0..ROUNDS {
        let (here, there) = (
            format!("send {round} {}", 2 * round),
            format!("send {round} {}", 2 * round + 1),
        );
        let mut told = second.meet(&*storage, &here, &there).await?;
        told.sort();
        same(
            "told",
            told.each_ref().map(String::as_str),
            ["before", "now"],
        )?;
    }
    let log = entries(&*storage, SCOPES[0]).await?.len();
    same("entries of the log", log as u128, ROUNDS)
}

pub(crate) async fn two_processes_share_no_message<H: Harness>(harness: &H) -> Verdict {
    const MESSAGES: u128 = 60;
    let (guard, storage) = harness.open().await;
    let Some(mut second) = Second::start(harness.second_process(&guard))? else {
        return Ok(());
    };
    let batch = (0..MESSAGES).fold(Batch::new(), |batch, number| {
        batch.message(message(SCOPES[1], number, 0))
    });
    storage.commit(batch).await?;
    let told = second.meet(&*storage, "claim", "claim").await?;
    let words = told.iter().flat_map(|told| told.split_ascii_whitespace());
    let mut claimed = words.map(str::parse).collect::<Result<Vec<u128>, _>>()?;
    claimed.sort_unstable();
    same("claimed", claimed, (0..MESSAGES).collect())?;
    let both = told.iter().all(|told| !told.is_empty());
    // An engine may let one process take all; then the other must see none of them.
    ensure(
        both || claim_at(&*storage, 0).await?.is_empty(),
        "a message that was claimed there is free here",
    )
}

pub(crate) async fn a_killed_process_leaves_commits_whole<H: Harness>(harness: &H) -> Verdict {
    let (guard, storage) = harness.open().await;
    let mut next = 0;
    for life in 1..=3_u64 {
        let Some(mut second) = Second::start(harness.second_process(&guard))? else {
            return Ok(());
        };
        second.tell(&format!("flood {next}"))?;
        let mut said = vec![second.answer()?];
        // Long enough for some more, and another length each time.
        thread::sleep(Duration::from_micros(7_300 * life));
        said.extend(second.kill()?);
        let said = said.iter().map(|number| number.parse());
        let acknowledged = said.collect::<Result<BTreeSet<u128>, _>>()?;
        let last = acknowledged.last().copied().unwrap_or(next);
        // The one after the last may be there though nobody has heard of it.
        for number in next..last + 3 {
            let halves = [SCOPES[0], SCOPES[1]].map(|scope| key(scope, number));
            let found = [
                read(&*storage, &halves[0]).await?.is_some(),
                read(&*storage, &halves[1]).await?.is_some(),
                storage
                    .receipt(&request_key(SCOPES[0], number))
                    .await?
                    .is_some(),
            ];
            ensure(
                found == [true; 3] || found == [false; 3],
                format_args!("of commit {number} there is {found:?}"),
            )?;
            let lost = acknowledged.contains(&number) && found != [true; 3];
            ensure(!lost, format_args!("commit {number} was acknowledged"))?;
        }
        // A resend goes on where the process was cut off.
        next = last + 1;
        storage
            .commit(parts(next).request(request(SCOPES[0], next)))
            .await?;
        next += 1;
    }
    let log = entries(&*storage, SCOPES[0]).await?.len();
    same("entries of the log", log as u128, next.min(1_000))
}
