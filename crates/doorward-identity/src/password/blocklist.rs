//! The blocklist: passwords that everybody tries first.

use std::{borrow::Cow, fmt};

use fst::{Set, SetBuilder};

/// Passwords that are refused because everybody tries them first (NIST SP 800-63B-4 3.1.1.2,
/// ASVS 6.2.4). Compared as a whole, letter case aside.
///
/// ```
/// use doorward_identity::Blocklist;
/// let list = Blocklist::bundled()?.and(&Blocklist::words_to_bytes(["Sunnyvale Care"])?)?;
/// assert!(list.contains("PassWord123") && list.contains("sunnyvale care"));
/// assert!(!list.contains("correct horse battery staple"));
/// # Ok::<(), doorward_identity::BlocklistError>(())
/// ```
#[derive(Clone)]
pub struct Blocklist {
    sets: Vec<Set<Cow<'static, [u8]>>>,
}

impl Blocklist {
    /// Returns the list that comes with this crate: 19,640 common passwords, from Django.
    ///
    /// # Errors
    /// [`BlocklistError`] never in a build whose tests pass; a list must not fail open.
    pub fn bundled() -> Result<Self, BlocklistError> {
        Self::of(Cow::Borrowed(include_bytes!(
            "../data/common_passwords.fst"
        )))
    }

    /// Returns a list without a word, for hosts that check a breached-password service instead.
    #[must_use]
    pub const fn empty() -> Self {
        Self { sets: Vec::new() }
    }

    /// Returns the list with the words of another one, as [`Blocklist::words_to_bytes`] made it.
    ///
    /// # Errors
    /// [`BlocklistError`] for bytes that are no list.
    pub fn and(mut self, bytes: &[u8]) -> Result<Self, BlocklistError> {
        self.sets.extend(Self::of(Cow::Owned(bytes.to_vec()))?.sets);
        Ok(self)
    }

    /// Builds the bytes of a list; a host may keep them in a file and load them at its start.
    ///
    /// # Errors
    /// [`BlocklistError`] where the words are too many for an automaton.
    pub fn words_to_bytes<'a>(
        words: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<u8>, BlocklistError> {
        let mut folded: Vec<String> = words.into_iter().map(fold).collect();
        folded.sort_unstable();
        folded.dedup();
        let mut builder = SetBuilder::memory();
        builder.extend_iter(folded).map_err(|_| BlocklistError)?;
        builder.into_inner().map_err(|_| BlocklistError)
    }

    /// Tells whether the text is a word of the list, letter case aside.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        let folded = fold(text);
        self.sets.iter().any(|set| set.contains(&folded))
    }

    /// Returns the number of words.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sets.iter().map(Set::len).sum()
    }

    /// Tells whether it has no word.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn of(bytes: Cow<'static, [u8]>) -> Result<Self, BlocklistError> {
        let set = Set::new(bytes).map_err(|_| BlocklistError)?;
        set.as_fst().verify().map_err(|_| BlocklistError)?;
        Ok(Self { sets: vec![set] })
    }
}

impl fmt::Debug for Blocklist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blocklist({} words)", self.len())
    }
}

/// Bytes that are no blocklist.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("these bytes are no blocklist: build them with `Blocklist::words_to_bytes`")]
pub struct BlocklistError;

pub(super) fn fold(text: &str) -> String {
    text.to_lowercase()
}
