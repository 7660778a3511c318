//! A thread that is waited for.

use std::{io, thread};

/// A thread that has ended when the value is dropped. Whatever it waits for must have ended
/// before.
#[derive(Debug)]
pub(crate) struct Worker(Option<thread::JoinHandle<()>>);

impl Worker {
    pub(crate) fn start(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<Self> {
        let thread = thread::Builder::new().name(name.to_owned()).spawn(work)?;
        Ok(Self(Some(thread)))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take() {
            // A panic of the thread was answered to its callers.
            let _ = thread.join();
        }
    }
}
