//! Which part of storage a key lives in.

use std::fmt;

use uuid::Uuid;

/// The part of storage that a key, claim, index entry, audit row or message lives in.
///
/// Two scopes share nothing: the same id, claim or index value in another scope is another thing
/// (ASVS 8.4.1). The directory and the tenants of one database form a *cell*: one commit may write
/// to several scopes of a cell and is atomic.
///
/// ```
/// use doorward_storage::Scope;
/// let nil = Scope::Tenant(uuid::Uuid::nil());
/// assert_ne!(nil, Scope::Directory);
/// assert_eq!(Scope::from_bytes(nil.to_bytes()), Some(nil));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// What all tenants of a cell share: accounts and verified addresses.
    Directory,
    /// One tenant's sealed-off data.
    Tenant(Uuid),
}

impl Scope {
    /// Returns 17 bytes that order as scopes do: a tag (0 directory, 1 tenant) and the tenant's
    /// id (zeros for the directory), for adapters that keep the scope in one column.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 17] {
        let (tag, id) = match self {
            Self::Directory => (0, Uuid::nil()),
            Self::Tenant(id) => (1, id),
        };
        let mut bytes = [tag; 17];
        let (_, tail) = bytes.split_at_mut(1);
        tail.copy_from_slice(id.as_bytes());
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote, `None` for anything else.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 17]) -> Option<Self> {
        let [tag, id @ ..] = bytes;
        match tag {
            0 if id == [0; 16] => Some(Self::Directory),
            1 => Some(Self::Tenant(Uuid::from_bytes(id))),
            _ => None,
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory => f.write_str("directory"),
            Self::Tenant(id) => write!(f, "tenant {id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_order_as_scopes_do() {
        let scopes = [
            Scope::Directory,
            Scope::Tenant(Uuid::nil()),
            Scope::Tenant(Uuid::from_u128(1)),
            Scope::Tenant(Uuid::max()),
        ];
        assert!(scopes.is_sorted());
        assert!(scopes.map(Scope::to_bytes).is_sorted());
    }

    #[test]
    fn bytes_that_no_scope_wrote_are_none() {
        assert_eq!(Scope::from_bytes([2; 17]), None);
        let mut directory = Scope::Directory.to_bytes();
        directory[16] = 1;
        assert_eq!(Scope::from_bytes(directory), None);
    }
}
