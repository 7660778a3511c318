//! Set-up: what a host brings, checked once.

use std::{collections::BTreeMap, fmt, sync::Arc};

use doorward_access::Catalog;
use doorward_identity::{AccountClass, Blocklist, PasswordCost, PasswordPolicy};
use doorward_invitations::Policy;
use doorward_storage::FullStorage;
use doorward_types::{ClassName, DisplayName, KindName};

use crate::{
    Clock, Doorward, Entropy, HashingThreads, Keys, SystemClock, SystemEntropy,
    mail::{Links, PlainEnglish, Words},
};

/// How members of one kind are invited: the class their account gets, and under which policy.
#[derive(Clone, Debug)]
pub struct Admission {
    /// The class of an account that registers by the invitation.
    pub class: ClassName,
    /// Lifetime, attestation, terms.
    pub policy: Policy,
}

/// What a host brings besides its storage, for the life of the process.
pub struct Setup {
    pub(crate) product: DisplayName,
    pub(crate) links: Links,
    pub(crate) keys: Keys,
    pub(crate) catalog: Catalog,
    pub(crate) classes: BTreeMap<ClassName, AccountClass>,
    pub(crate) admissions: BTreeMap<KindName, Admission>,
    pub(crate) passwords: PasswordPolicy,
    pub(crate) cost: PasswordCost,
    pub(crate) blocklist: Blocklist,
    pub(crate) temporary_passwords: Shown,
    pub(crate) words: Box<dyn Words>,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) entropy: Box<dyn Entropy>,
    pub(crate) hashing: HashingThreads,
}

/// Whether an administrator may see a temporary password (ALIS "manually reset a temporary
/// password"), or it goes to the person by mail alone.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Shown {
    /// By mail alone (ASVS 6.4.6). The default.
    #[default]
    ToThePerson,
    /// Once, to the administrator who made it.
    ToTheAdministrator,
}

impl Setup {
    /// Begins with the product's name, the address of its portal, the keys and the catalog.
    ///
    /// Passwords follow NIST SP 800-63B-4 as an only factor, hashed at OWASP's floor; mails are
    /// plain English; clock and randomness are the system's; two threads hash.
    #[must_use]
    pub fn new(
        product: DisplayName,
        portal: impl Into<String>,
        keys: Keys,
        catalog: Catalog,
    ) -> Self {
        Self {
            product,
            links: Links::new(portal),
            keys,
            catalog,
            classes: BTreeMap::new(),
            admissions: BTreeMap::new(),
            passwords: PasswordPolicy::only_factor(),
            cost: PasswordCost::owasp(),
            blocklist: Blocklist::bundled().unwrap_or_else(|_| Blocklist::empty()),
            temporary_passwords: Shown::default(),
            words: Box::new(PlainEnglish),
            clock: Box::new(SystemClock),
            entropy: Box::new(SystemEntropy),
            hashing: HashingThreads::new(2),
        }
    }

    /// Adds an account class.
    #[must_use]
    pub fn with_class(mut self, class: AccountClass) -> Self {
        self.classes.insert(class.name().clone(), class);
        self
    }

    /// Says how members of a kind are invited.
    #[must_use]
    pub fn with_admission(mut self, kind: KindName, admission: Admission) -> Self {
        self.admissions.insert(kind, admission);
        self
    }

    /// Replaces the password policy.
    #[must_use]
    pub fn with_passwords(mut self, policy: PasswordPolicy, cost: PasswordCost) -> Self {
        self.passwords = policy;
        self.cost = cost;
        self
    }

    /// Replaces the list of refused passwords.
    #[must_use]
    pub fn with_blocklist(mut self, blocklist: Blocklist) -> Self {
        self.blocklist = blocklist;
        self
    }

    /// Says who may see a temporary password.
    #[must_use]
    pub const fn with_temporary_passwords(mut self, shown: Shown) -> Self {
        self.temporary_passwords = shown;
        self
    }

    /// Replaces the wording of mails.
    #[must_use]
    pub fn with_words(mut self, words: impl Words) -> Self {
        self.words = Box::new(words);
        self
    }

    /// Replaces the clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Replaces the source of randomness.
    #[must_use]
    pub fn with_entropy(mut self, entropy: impl Entropy) -> Self {
        self.entropy = Box::new(entropy);
        self
    }

    /// Replaces the threads that hash passwords.
    #[must_use]
    pub fn with_hashing(mut self, threads: HashingThreads) -> Self {
        self.hashing = threads;
        self
    }

    /// Joins the set-up with a storage.
    #[must_use]
    pub fn open(self, storage: Arc<dyn FullStorage>) -> Doorward {
        Doorward::new(storage, self)
    }
}

impl fmt::Debug for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup")
            .field("product", &self.product.as_str())
            .field("keys", &self.keys)
            .field("classes", &self.classes.keys())
            .field("admissions", &self.admissions.keys())
            .finish_non_exhaustive()
    }
}
