//! Reads that do not wait for each other. A storage on threads or behind a network answers what is
//! asked for together in the time of one read.

use std::{future::poll_fn, pin::pin, task::Poll, vec};

use doorward_storage::{MAX_KEYS, Record, RecordKey};

use crate::{
    Doorward, Fault,
    record::{self, Loaded, Stored},
};

/// Waits for two answers at the same time.
pub(crate) async fn both<A, B>(
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
) -> (A, B) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut one, mut other) = (None, None);
    poll_fn(move |context| {
        if one.is_none()
            && let Poll::Ready(answer) = first.as_mut().poll(context)
        {
            one = Some(answer);
        }
        if other.is_none()
            && let Poll::Ready(answer) = second.as_mut().poll(context)
        {
            other = Some(answer);
        }
        match (one.take(), other.take()) {
            (Some(one), Some(other)) => Poll::Ready((one, other)),
            waiting => {
                (one, other) = waiting;
                Poll::Pending
            }
        }
    })
    .await
}

/// Waits for any number of answers at the same time, and gives them in the order of the questions.
pub(crate) async fn each<F: Future>(asked: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut asked: Vec<_> = asked.into_iter().map(Box::pin).collect();
    let mut answers: Vec<Option<F::Output>> = asked.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, answer) in asked.iter_mut().zip(&mut answers) {
            if answer.is_none()
                && let Poll::Ready(given) = future.as_mut().poll(context)
            {
                *answer = Some(given);
            }
        }
        if answers.iter().all(Option::is_some) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    answers.into_iter().flatten().collect()
}

/// Lets whatever is waited for at the same time go on.
pub(crate) async fn pause() {
    let mut has_paused = false;
    poll_fn(|context| {
        if has_paused {
            return Poll::Ready(());
        }
        has_paused = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Records of several kinds from one snapshot, taken out in the order of their keys.
#[derive(Debug)]
pub(crate) struct Records(vec::IntoIter<Option<Record>>);

impl Records {
    /// Takes the next one out, if it is there.
    pub(crate) fn next<T: Stored>(&mut self) -> Result<Option<Loaded<T>>, Fault> {
        self.0
            .next()
            .flatten()
            .as_ref()
            .map(record::read)
            .transpose()
    }

    /// Takes this many out; one that is gone is left out.
    pub(crate) fn several<T: Stored>(&mut self, count: usize) -> Result<Vec<Loaded<T>>, Fault> {
        let some = self.0.by_ref().take(count).flatten();
        some.map(|found| record::read(&found)).collect()
    }
}

impl Doorward {
    /// Reads records of several kinds at once: one snapshot, as long as there are no more than a
    /// storage takes.
    pub(crate) async fn records(&self, keys: Vec<RecordKey>) -> Result<Records, Fault> {
        let mut found = Vec::with_capacity(keys.len());
        for some in keys.chunks(MAX_KEYS) {
            found.append(&mut self.storage().get(some).await?);
        }
        Ok(Records(found.into_iter()))
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use super::*;

    /// Ready at the second time of asking.
    fn later(answer: u8) -> impl Future<Output = u8> {
        let mut asked = 0;
        poll_fn(move |_| {
            asked += 1;
            if asked < 2 {
                Poll::Pending
            } else {
                assert_eq!(asked, 2, "what has answered is not asked again");
                Poll::Ready(answer)
            }
        })
    }

    #[test]
    fn two_answers_are_waited_for_at_the_same_time() {
        let mut context = Context::from_waker(Waker::noop());
        let mut joined = pin!(both(later(1), both(later(2), async { 3 })));
        assert_eq!(joined.as_mut().poll(&mut context), Poll::Pending);
        assert_eq!(joined.as_mut().poll(&mut context), Poll::Ready((1, (2, 3))));
    }

    #[test]
    fn the_one_that_answers_first_waits_for_the_other() {
        let mut context = Context::from_waker(Waker::noop());
        let mut joined = pin!(both(both(later(1), later(2)), both(later(3), async { 4 })));
        assert!(joined.as_mut().poll(&mut context).is_pending());
        let answers = Poll::Ready(((1, 2), (3, 4)));
        assert_eq!(joined.as_mut().poll(&mut context), answers);
    }

    #[test]
    fn many_answers_are_waited_for_at_the_same_time_and_keep_their_order() {
        let mut context = Context::from_waker(Waker::noop());
        let mut nothing = pin!(each(Vec::<std::future::Ready<u8>>::new()));
        assert_eq!(nothing.as_mut().poll(&mut context), Poll::Ready(vec![]));
        let mut joined = pin!(each([1, 2, 3].map(later)));
        assert_eq!(joined.as_mut().poll(&mut context), Poll::Pending);
        let answers = Poll::Ready(vec![1, 2, 3]);
        assert_eq!(joined.as_mut().poll(&mut context), answers);
    }
}
