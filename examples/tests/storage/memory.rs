//! Where these tests keep everything: in memory.

use std::{any::Any, sync::Arc};

use doorward::storage::FullStorage;
use doorward_memory::MemoryStorage;

/// Opens an empty storage, and says what must live as long as it.
pub(crate) fn open() -> (Arc<dyn FullStorage>, Box<dyn Any + Send + Sync>) {
    (Arc::new(MemoryStorage::new()), Box::new(()))
}
