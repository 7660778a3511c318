//! What a catalog cannot be.

use doorward_types::NameError;

use crate::Administration;

/// A catalog that contradicts itself. Each is a mistake of the host's code, found once, at start.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// A name that is no name.
    #[error("`{text}` cannot be the name of a {what}: {source}")]
    Name {
        /// What was named.
        what: &'static str,
        /// What was given.
        text: String,
        /// What is wrong with it.
        source: NameError,
    },
    /// Something declared twice.
    #[error("{what} `{name}` is declared twice: once is enough")]
    Twice {
        /// What was declared.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// Two names of one bit.
    #[error("permissions `{first}` and `{second}` share a bit: give each its own")]
    SameBit {
        /// The one declared first.
        first: String,
        /// The other.
        second: String,
    },
    /// Bits that no flag of the host names alone.
    #[error("{at} uses bits {bits:#x} that no permission names: declare a flag for each")]
    UnnamedBits {
        /// Where they are used.
        at: String,
        /// Which bits.
        bits: u128,
    },
    /// A flags type without a single flag of one bit.
    #[error("the catalog declares no permission: name at least one flag of one bit")]
    NoPermission,
    /// No kind of user.
    #[error("the catalog declares no kind of user: a member has exactly one")]
    NoKind,
    /// A name that nothing declares.
    #[error("{at} names {what} `{name}`, which is not declared")]
    Undeclared {
        /// Where it is named.
        at: String,
        /// What it should be.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A ceiling smaller than what stands below it.
    #[error("kind `{kind}` has {what} {held} above its ceiling: raise the ceiling or take it away")]
    AboveCeiling {
        /// The kind.
        kind: String,
        /// Its baseline, or a role.
        what: String,
        /// What exceeds the ceiling.
        held: String,
    },
    /// A switch that both restricts when on and gives or takes otherwise.
    #[error("switch `{switch}` takes access when on and also when off or grants it: make it two")]
    SwitchBothWays {
        /// The switch.
        switch: String,
    },
    /// A declaration without effect.
    #[error("{what} `{name}` has no effect: name the permissions it is about")]
    NoEffect {
        /// What was declared.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A support role that could administer.
    #[error("support holds what `{act}` needs: support reads, it does not administer")]
    SupportAdministers {
        /// The act.
        act: Administration,
    },
    /// A renamed or retired name that is still declared.
    #[error("{what} `{name}` is declared and also renamed or retired: choose one")]
    StillDeclared {
        /// What it is.
        what: &'static str,
        /// The name.
        name: String,
    },
}
