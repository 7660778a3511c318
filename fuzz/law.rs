//! What several bodies assert.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};

/// The bytes as text, as a form or a link brings it.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// What is stored as JSON reads back, and is written the same again.
pub(crate) fn json_back<T: Debug + DeserializeOwned + PartialEq + Serialize>(value: &T) {
    let written = serde_json::to_value(value);
    let Ok(written) = written else {
        assert!(written.is_ok(), "it is written: {written:?}");
        return;
    };
    let read = T::deserialize(&written);
    assert!(
        read.as_ref().is_ok_and(|read| read == value),
        "{value:?} is stored as {written} and read as {read:?}"
    );
    let again = read.ok().and_then(|read| serde_json::to_value(read).ok());
    assert_eq!(again, Some(written), "and is written the same again");
}
