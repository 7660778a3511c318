//! Hexadecimal digits of digests.

/// Reads 64 digits; anything else is `None`.
pub(crate) fn decode(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let read = base16ct::mixed::decode(text, &mut bytes).map(<[u8]>::len);
    (read == Ok(bytes.len())).then_some(bytes)
}
