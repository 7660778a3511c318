//! Policies: under what rules a class of accounts is invited. A host's value, never stored.

use std::collections::BTreeSet;

use doorward_types::Statement;
use time::Duration;

use crate::{Lifetime, LifetimeError};

/// Whether an expired invitation can be sent again.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AfterExpiry {
    /// The same invitation gets a new link (ALIS: "Resend Invite: If the user never received or
    /// cannot find their initial registration email").
    ResendAllowed,
    /// A new invitation is needed (Kalix: "you will need to send a new invitation").
    ResendRefused,
}

/// Whether a sponsor must swear that the invited person may see a subject's data.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AttestationRule {
    /// Nothing is sworn: staff, and residents who see their own record (design 9.2).
    NotNeeded,
    /// This statement is sworn for each subject (ALIS: "Select the checkbox to confirm that this
    /// user is authorized to view the resident's sensitive information").
    Required(Statement),
}

/// The rules under which a class of accounts is invited.
///
/// ```
/// use doorward_invitations::{AttestationRule, Lifetime, Policy};
/// use doorward_types::{Statement, StatementName};
/// let words = Statement::of(StatementName::new("sensitive_information")?, 1,
///     "This user is authorized to view the resident's sensitive information.");
/// let contact = Policy::thirty_days()
///     .with_attestation(words)
///     .with_reminder(Lifetime::days(5)?)?;
/// assert_eq!(contact.lifetime(), Lifetime::THIRTY_DAYS);
/// assert!(matches!(contact.attestation(), AttestationRule::Required(_)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Policy {
    lifetime: Lifetime,
    cap: Lifetime,
    after_expiry: AfterExpiry,
    attestation: AttestationRule,
    terms: BTreeSet<Statement>,
    reminder: Option<Lifetime>,
    resend_pause: Duration,
    most_resends: u32,
}

/// How often one invitation can be sent again unless a policy says less: a link that a person
/// missed this often will not be found by sending it once more (ASVS 2.4.1).
const MOST_RESENDS: u32 = 20;

impl Policy {
    /// Returns the rules of Kalix: seven days, then a new invitation is needed ("pending invitations
    /// expire after seven days").
    #[must_use]
    pub const fn seven_days() -> Self {
        Self::lasting(Lifetime::SEVEN_DAYS, AfterExpiry::ResendRefused)
    }

    /// Returns the rules of ALIS: thirty days ("Invitation expires in 30 days"), and an expired
    /// invitation can be sent again. What must be sworn is added by
    /// [`with_attestation`](Self::with_attestation).
    #[must_use]
    pub const fn thirty_days() -> Self {
        Self::lasting(Lifetime::THIRTY_DAYS, AfterExpiry::ResendAllowed)
    }

    /// Returns rules of the host's own: this lifetime, which is also the class's cap.
    #[must_use]
    pub const fn lasting(cap: Lifetime, after_expiry: AfterExpiry) -> Self {
        Self {
            lifetime: cap,
            cap,
            after_expiry,
            attestation: AttestationRule::NotNeeded,
            terms: BTreeSet::new(),
            reminder: None,
            resend_pause: Duration::ZERO,
            most_resends: MOST_RESENDS,
        }
    }

    /// Returns the rules with a shorter lifetime; the cap of the class stays.
    ///
    /// # Errors
    /// [`PolicyError::AboveCap`] for a longer one than the class allows, and
    /// [`PolicyError::ReminderTooEarly`] where a reminder would then be due at once.
    pub fn shortened_to(mut self, lifetime: Lifetime) -> Result<Self, PolicyError> {
        if lifetime > self.cap {
            return Err(PolicyError::AboveCap {
                lifetime,
                cap: self.cap,
            });
        }
        self.lifetime = lifetime;
        match self.reminder {
            Some(before) => self.with_reminder(before),
            None => Ok(self),
        }
    }

    /// Returns the rules with a statement that is sworn for each subject.
    #[must_use]
    pub fn with_attestation(mut self, statement: Statement) -> Self {
        self.attestation = AttestationRule::Required(statement);
        self
    }

    /// Returns the rules with one more text that a new person agrees to (Kalix: "They should read
    /// the Terms and Conditions and Privacy Policy before clicking Register"). Another version of a
    /// text takes the place of the one before.
    #[must_use]
    pub fn with_terms(mut self, statement: Statement) -> Self {
        self.terms.retain(|older| older.name != statement.name);
        self.terms.insert(statement);
        self
    }

    /// Returns the rules with one reminder, this long before a link ends (ASVS 6.4.5).
    ///
    /// # Errors
    /// [`PolicyError::ReminderTooEarly`] unless that is shorter than the lifetime.
    pub fn with_reminder(mut self, before: Lifetime) -> Result<Self, PolicyError> {
        if before >= self.lifetime {
            return Err(PolicyError::ReminderTooEarly {
                before,
                lifetime: self.lifetime,
            });
        }
        self.reminder = Some(before);
        Ok(self)
    }

    /// Returns the rules with a pause between two mailings of one invitation (ASVS 2.4.1). A mail
    /// that did not arrive ends the pause.
    #[must_use]
    pub fn with_resend_pause(mut self, pause: std::time::Duration) -> Self {
        self.resend_pause = Duration::try_from(pause).unwrap_or(Duration::MAX);
        self
    }

    /// Returns the rules with the most times that one invitation can be sent again; 20 otherwise.
    #[must_use]
    pub const fn with_most_resends(mut self, most: u32) -> Self {
        self.most_resends = most;
        self
    }

    /// Returns how long a link is good for.
    #[must_use]
    pub const fn lifetime(&self) -> Lifetime {
        self.lifetime
    }

    /// Returns the longest lifetime that the class allows.
    #[must_use]
    pub const fn cap(&self) -> Lifetime {
        self.cap
    }

    /// Returns whether an expired invitation can be sent again.
    #[must_use]
    pub const fn after_expiry(&self) -> AfterExpiry {
        self.after_expiry
    }

    /// Returns what a sponsor must swear.
    #[must_use]
    pub const fn attestation(&self) -> &AttestationRule {
        &self.attestation
    }

    /// Returns the texts that a new person must agree to.
    #[must_use]
    pub const fn terms(&self) -> &BTreeSet<Statement> {
        &self.terms
    }

    /// Returns how long before the end a reminder is due, if one is.
    #[must_use]
    pub const fn reminder(&self) -> Option<Lifetime> {
        self.reminder
    }

    /// Returns the pause between two mailings.
    #[must_use]
    pub const fn resend_pause(&self) -> Duration {
        self.resend_pause
    }

    /// Returns how often one invitation can be sent again.
    #[must_use]
    pub const fn most_resends(&self) -> u32 {
        self.most_resends
    }
}

/// Rules that contradict each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// Longer than the class of accounts allows.
    #[error("an invitation of this class lasts at most `{cap}`, not `{lifetime}`")]
    AboveCap {
        /// What was asked for.
        lifetime: Lifetime,
        /// The most.
        cap: Lifetime,
    },
    /// A reminder that would be due when the invitation goes out.
    #[error("a reminder `{before}` before the end needs a lifetime longer than `{lifetime}`")]
    ReminderTooEarly {
        /// How long before the end.
        before: Lifetime,
        /// The lifetime.
        lifetime: Lifetime,
    },
    /// No such length.
    #[error(transparent)]
    Lifetime(#[from] LifetimeError),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kalix: seven days, "you will need to send a new invitation".
    #[test]
    fn kalix_lasts_seven_days_and_then_needs_a_new_invitation() {
        let policy = Policy::seven_days();
        assert_eq!(policy.lifetime().as_seconds(), 7 * 24 * 60 * 60);
        assert_eq!(policy.after_expiry(), AfterExpiry::ResendRefused);
    }

    /// ALIS: "Invitation expires in 30 days"; "Resend Invite".
    #[test]
    fn alis_lasts_thirty_days_and_can_be_sent_again() {
        let policy = Policy::thirty_days();
        assert_eq!(policy.lifetime().as_seconds(), 30 * 24 * 60 * 60);
        assert_eq!(policy.after_expiry(), AfterExpiry::ResendAllowed);
    }

    /// Design 5: "capped per class".
    #[test]
    fn a_host_can_only_shorten_below_the_cap() {
        let policy = Policy::seven_days();
        let three = Lifetime::days(3).unwrap();
        let shorter = policy.clone().shortened_to(three).unwrap();
        assert_eq!(shorter.lifetime(), three);
        assert_eq!(
            shorter.clone().shortened_to(Lifetime::SEVEN_DAYS).unwrap(),
            policy
        );
        let eight = Lifetime::days(8).unwrap();
        assert_eq!(
            shorter.shortened_to(eight),
            Err(PolicyError::AboveCap {
                lifetime: eight,
                cap: Lifetime::SEVEN_DAYS
            })
        );
    }

    #[test]
    fn a_new_version_takes_the_place_of_the_text_before() {
        let text = |name, version| {
            let name = doorward_types::StatementName::new(name).unwrap();
            Statement::of(name, version, "words")
        };
        let policy = Policy::seven_days()
            .with_terms(text("terms", 1))
            .with_terms(text("privacy", 1))
            .with_terms(text("terms", 2));
        let kept: Vec<_> = policy.terms().iter().cloned().collect();
        assert_eq!(kept, [text("privacy", 1), text("terms", 2)]);
    }

    #[test]
    fn a_reminder_falls_inside_the_lifetime() {
        let day = Lifetime::days(1).unwrap();
        assert!(
            Policy::seven_days()
                .with_reminder(Lifetime::SEVEN_DAYS)
                .is_err()
        );
        let policy = Policy::seven_days().with_reminder(day).unwrap();
        assert!(policy.shortened_to(day).is_err());
    }
}
