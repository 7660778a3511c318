//! Inspection: what a link's page shows before anybody decides.

use std::collections::BTreeSet;

use doorward_types::{DisplayName, Statement, TenantId, Token};
use time::OffsetDateTime;

use crate::{AddressClaim, Invitation, Policy, State, TokenRefusal};

/// What the page behind a link shows: enough to decide, no more (ASVS 14.2.6).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Inspection {
    /// The tenant that invites.
    pub tenant: TenantId,
    /// Whom the invitation names, so that another person can say "not me".
    pub name: Option<DisplayName>,
    /// The invited address, masked.
    pub address: String,
    /// The first instant at which the link is no longer good.
    pub expires_at: OffsetDateTime,
    /// What the holder can do.
    pub next: Next,
}

/// What the holder of a link can do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Next {
    /// Register, agreeing to these texts (Kalix: "they will be taken to the Kalix Registration
    /// page").
    Register {
        /// The texts.
        terms: BTreeSet<Statement>,
    },
    /// Sign in with the invited address (Kalix: "The link navigates to Kalix's log-in page").
    SignIn,
    /// Nothing: it was answered.
    Answered,
}

impl Invitation {
    /// Looks at a link without using it: safe for mail scanners, previews and reloads.
    ///
    /// # Errors
    /// [`TokenRefusal`] as for [`verify`](Self::verify).
    pub fn inspect(
        &self,
        token: &Token,
        address: AddressClaim,
        policy: &Policy,
        now: OffsetDateTime,
    ) -> Result<Inspection, TokenRefusal> {
        self.verify(token, now)?;
        let next = match (&self.state, address) {
            (State::Open, AddressClaim::Free) => Next::Register {
                terms: policy.terms().clone(),
            },
            (State::Open, AddressClaim::Taken) => Next::SignIn,
            _ => Next::Answered,
        };
        Ok(Inspection {
            tenant: self.tenant,
            name: self.name.clone(),
            address: self.address.masked(),
            expires_at: self.mailing.expires_at,
            next,
        })
    }
}
