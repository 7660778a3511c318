//! The contract of the storage port, on memory.

use std::sync::Arc;

use doorward_conformance::{Harness, async_trait, conformance_tests};
use doorward_memory::MemoryStorage;
use doorward_storage::FullStorage;

struct Memory;

#[async_trait]
impl Harness for Memory {
    type Guard = MemoryStorage;

    async fn open(&self) -> (MemoryStorage, Arc<dyn FullStorage>) {
        let storage = MemoryStorage::new();
        (storage.clone(), Arc::new(storage))
    }

    async fn reopen(&self, guard: &MemoryStorage) -> Arc<dyn FullStorage> {
        Arc::new(guard.clone())
    }
}

conformance_tests!(Memory);
