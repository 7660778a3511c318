//! Principals: who acts.

use serde::{Deserialize, Serialize};

use crate::{AccountId, AgentName, MembershipId, SupportId};

/// Who acts (PARC principal). Never the person the data is about.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Principal {
    /// A signed-in account, in the membership it acts through.
    Account {
        /// The account.
        account: AccountId,
        /// Its membership in the tenant it acts in.
        membership: MembershipId,
    },
    /// A human of the provider's support, inside the opening a tenant granted.
    Support {
        /// The opening.
        support: SupportId,
        /// The provider's name for the human.
        agent: AgentName,
    },
    /// The host process itself, at set-up.
    Operator,
    /// The system's own ticks: mail, sweep.
    System,
    /// Nobody is signed in: whoever holds a link or types a password.
    Anonymous,
}

impl Principal {
    /// Returns the word for its kind.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Account { .. } => "account",
            Self::Support { .. } => "support",
            Self::Operator => "operator",
            Self::System => "system",
            Self::Anonymous => "anonymous",
        }
    }
}
