//! Processes that believe that they share a storage, and do not.

use std::{env, process::Command, sync::Arc};

use doorward_conformance::{Harness, async_trait, cases, serve};
use doorward_memory::MemoryStorage;
use doorward_storage::{Batch, FullStorage, Micros, OutboxRow, Scope, Storage};
use uuid::Uuid;

const PART: &str = "DOORWARD_BROKEN_PART";

/// Memory whose other process has a memory of its own.
struct Apart;

#[async_trait]
impl Harness for Apart {
    type Guard = MemoryStorage;

    async fn open(&self) -> (MemoryStorage, Arc<dyn FullStorage>) {
        let memory = MemoryStorage::new();
        (memory.clone(), Arc::new(memory))
    }

    async fn reopen(&self, guard: &MemoryStorage) -> Arc<dyn FullStorage> {
        Arc::new(guard.clone())
    }

    fn second_process(&self, _: &MemoryStorage) -> Option<Command> {
        let mut command = Command::new(env::current_exe().unwrap());
        let test = "processes::processes_that_share_nothing_are_caught";
        command.args(["--exact", test, "--nocapture"]).env(PART, "");
        Some(command)
    }
}

/// A memory with messages that the first process believes to be its own.
fn apart() -> MemoryStorage {
    let memory = MemoryStorage::new();
    let message = |number| OutboxRow {
        id: Uuid::from_u128(number),
        scope: Scope::Tenant(Uuid::nil()),
        body: Vec::new(),
        due_at: Micros(0),
    };
    let messages = (0..60).map(message);
    let batch = messages.fold(Batch::new(), Batch::message);
    pollster::block_on(memory.commit(batch)).unwrap();
    memory
}

#[test]
fn processes_that_share_nothing_are_caught() {
    if env::var_os(PART).is_some() {
        return serve(&Apart, &apart());
    }
    let cases = cases::<Apart>();
    let of_processes: Vec<_> = cases
        .iter()
        .filter(|case| case.name.contains("process"))
        .collect();
    assert_eq!(of_processes.len(), 5);
    for case in of_processes {
        assert!(case.run(&Apart).is_err(), "{} was passed", case.name);
    }
}
