//! What several bodies assert.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};

/// The bytes as text, as a form or a link brings it.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// What is stored as JSON reads back, and is written the same again.
pub(crate) fn json_back<T: Debug + DeserializeOwned + PartialEq + Serialize>(value: &T) {
    let written = serde_json::to_value(value).ok();
    let read = written.as_ref().and_then(|json| T::deserialize(json).ok());
    assert_eq!(read.as_ref(), Some(value), "stored as {written:?}");
    let again = read.and_then(|read| serde_json::to_value(read).ok());
    assert_eq!(again, written, "and is written the same again");
}
