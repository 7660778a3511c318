//! The hand-off: claims what waits, asks its record whether it is still wanted, mails and settles.

use std::time::Duration as Lease;

use doorward_identity::Account;
use doorward_invitations::{DeliveryReport, Invitation};
use doorward_mail::{Address, Mail, MailErrorKind, Mailer, MessageId, Subject};
use doorward_storage::{Batch, Claimed, CommitError, Limit, Micros, SettleError, Settlement};
use doorward_types::{Delivery, Principal, Purpose, Scope, Token};
use secrecy::{ExposeSecret, SecretString};
use time::{Duration, OffsetDateTime};
use tracing::Instrument as _;

use super::{About, Letter, Notice, notice::MailedSecret};
use crate::{
    Doorward, Fault, audit_trail, record, trace,
    work::{Work, micros},
};

/// How long a claimed message is nobody else's.
const LEASE: Lease = Lease::from_secs(120);
/// The first wait after a passing fault; it doubles with each attempt, up to an hour.
const FIRST_WAIT: Duration = Duration::minutes(1);
const LONGEST_WAIT: Duration = Duration::hours(1);
/// Attempts after which a mail that never expires is given up: about two days of waiting.
const MAX_ATTEMPTS: u32 = 50;

/// What one hand-off did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Dispatched {
    /// Handed to the mailer.
    pub sent_count: usize,
    /// Put back for a later try, after a passing fault.
    pub deferred_count: usize,
    /// Refused by the mailer for good.
    pub refused_count: usize,
    /// Overtaken: the record was closed, expired or mailed anew.
    pub dropped_count: usize,
    /// Faults of the set-up; their messages stay queued.
    pub set_up_faults: Vec<String>,
}

impl Dispatched {
    /// Returns how many messages it looked at.
    #[must_use]
    pub fn total_count(&self) -> usize {
        self.sent_count
            + self.deferred_count
            + self.refused_count
            + self.dropped_count
            + self.set_up_faults.len()
    }
}

enum HandedOff {
    Sent,
    Deferred,
    Refused,
    Dropped,
    SetUp(String),
}

impl Doorward {
    /// Hands at most `limit` due mails to the mailer and settles each, with its status on the
    /// invitation it belongs to (ALIS "verify the delivery status of your invitations").
    ///
    /// Resets that were asked for are resolved first. A host calls it on a tick; several processes
    /// may. A mail whose hand-off is not known to have ended is handed over again with the same
    /// Message-ID and the same secret: what a process had in hand when it ended is due again two
    /// minutes later.
    ///
    /// # Errors
    /// [`Fault`] where the storage fails; what was settled before stays settled.
    pub async fn dispatch_once(
        &self,
        mailer: &dyn Mailer,
        now: OffsetDateTime,
        limit: Limit,
    ) -> Result<Dispatched, Fault> {
        // Resets that were asked for become mails here, or nothing: asking looked nothing up.
        self.resolve_resets(now, limit).await?;
        let mut done = Dispatched::default();
        for claimed in self.storage().claim(micros(now), LEASE, limit).await? {
            let span = trace::hand_off(&claimed);
            let handed_off = self.hand_off(mailer, now, &claimed);
            let outcome = match handed_off.instrument(span.clone()).await? {
                HandedOff::Sent => {
                    done.sent_count += 1;
                    "sent"
                }
                HandedOff::Deferred => {
                    done.deferred_count += 1;
                    "deferred"
                }
                HandedOff::Refused => {
                    done.refused_count += 1;
                    "refused"
                }
                HandedOff::Dropped => {
                    done.dropped_count += 1;
                    "dropped"
                }
                HandedOff::SetUp(fault) => {
                    done.set_up_faults.push(fault);
                    "set_up_fault"
                }
            };
            span.record("outcome", outcome);
        }
        Ok(done)
    }

    async fn hand_off(
        &self,
        mailer: &dyn Mailer,
        now: OffsetDateTime,
        claimed: &Claimed,
    ) -> Result<HandedOff, Fault> {
        let scope = record::read_scope(claimed.message.scope);
        let put_back = Settlement::Retry {
            due_at: later(now, claimed.attempt),
        };
        let notice: Notice = match serde_json::from_slice(&claimed.message.body) {
            Ok(notice) => notice,
            Err(source) => {
                let fault = format!(
                    "message {}: its body cannot be read: {source}",
                    claimed.message.id
                );
                self.settle(now, claimed, scope, None, put_back, None)
                    .await?;
                return Ok(HandedOff::SetUp(fault));
            }
        };
        if !self.is_wanted(&notice, scope, now).await? {
            let status = Some(Delivery::Dropped);
            self.settle(now, claimed, scope, Some(&notice), Settlement::Done, status)
                .await?;
            return Ok(HandedOff::Dropped);
        }
        let mail = match self.compose(&notice, claimed, now) {
            Ok(mail) => mail,
            Err(fault) => {
                self.settle(now, claimed, scope, Some(&notice), put_back, None)
                    .await?;
                return Ok(HandedOff::SetUp(fault));
            }
        };
        let (handed_off, settlement, status) = match mailer.deliver(&mail).await {
            Ok(_) => (HandedOff::Sent, Settlement::Done, Some(Delivery::Sent)),
            Err(error) => match error.kind() {
                MailErrorKind::Permanent => (
                    HandedOff::Refused,
                    Settlement::Done,
                    Some(Delivery::Bounced),
                ),
                MailErrorKind::Transient if claimed.attempt < MAX_ATTEMPTS => {
                    (HandedOff::Deferred, put_back, Some(Delivery::Deferred))
                }
                MailErrorKind::Transient => {
                    (HandedOff::Refused, Settlement::Done, Some(Delivery::Failed))
                }
                MailErrorKind::Configuration => {
                    (HandedOff::SetUp(error.to_string()), put_back, None)
                }
            },
        };
        self.settle(now, claimed, scope, Some(&notice), settlement, status)
            .await?;
        Ok(handed_off)
    }

    /// Reads the record first: a closed, expired or newer one wants no older mail (design 5).
    async fn is_wanted(
        &self,
        notice: &Notice,
        scope: Scope,
        now: OffsetDateTime,
    ) -> Result<bool, Fault> {
        if notice
            .expires_at
            .is_some_and(|expires_at| now >= expires_at)
        {
            return Ok(false);
        }
        let Some(secret) = &notice.secret else {
            return Ok(true);
        };
        Ok(match notice.about {
            About::Invitation(id) => self
                .load::<Invitation>(scope, id.as_uuid())
                .await?
                .is_some_and(|read| invitation_awaits(&read.state, secret, now)),
            About::Account(id) => self
                .load::<Account>(Scope::Directory, id.as_uuid())
                .await?
                .is_some_and(|read| account_awaits(&read.state, secret, now)),
            About::Membership(_) => true,
        })
    }

    fn compose(
        &self,
        notice: &Notice,
        claimed: &Claimed,
        now: OffsetDateTime,
    ) -> Result<Mail, String> {
        let setup = self.setup();
        let mut link = setup.links.login();
        let mut shown: Option<SecretString> = None;
        if let Some(secret) = &notice.secret {
            let ring = &setup.keys.token;
            let key = ring
                .named(secret.key)
                .ok_or_else(|| format!("no key `{}` is in the ring", secret.key))?;
            match secret.purpose {
                Purpose::TemporaryPassword => {
                    shown = Some(secret.derivation().temporary_password(key).to_text());
                }
                Purpose::TelephonyPin => shown = Some(secret.derivation().pin(key).to_text()),
                purpose => {
                    let token = Token {
                        purpose,
                        scope: secret.scope,
                        record: secret.record,
                        generation: secret.generation,
                        secret: secret.derivation().token(key),
                    };
                    link = setup.links.to(&token);
                }
            }
        }
        let letter = Letter {
            template: notice.template,
            to: &notice.to,
            name: notice.name.as_ref(),
            product: &setup.product,
            tenant: notice.tenant.as_ref(),
            expires_at: notice.expires_at,
            link: &link,
            secret: shown.as_ref(),
        };
        let wording = setup.words.compose(&letter);
        let id = format!(
            "{}@{}",
            claimed.message.id,
            setup.links.host().to_ascii_lowercase()
        );
        let message_id = MessageId::new(&id).map_err(|error| error.to_string())?;
        let to = Address::new(&notice.to.to_mailable()).map_err(|error| error.to_string())?;
        let subject = Subject::new(&wording.subject).map_err(|error| error.to_string())?;
        Ok(Mail::new(
            message_id,
            to,
            subject,
            wording.text.expose_secret(),
            now.into(),
        ))
    }

    /// Settles the message, with the status on the invitation, in one commit.
    async fn settle(
        &self,
        now: OffsetDateTime,
        claimed: &Claimed,
        scope: Scope,
        notice: Option<&Notice>,
        settlement: Settlement,
        status: Option<Delivery>,
    ) -> Result<(), Fault> {
        let mut tries = 0;
        loop {
            let batch = match (notice.map(|notice| notice.about), status) {
                (Some(About::Invitation(id)), Some(status)) => {
                    self.delivery_batch(scope, id, notice, status, now).await?
                }
                _ => Batch::new(),
            };
            match self
                .storage()
                .settle(claimed.hand_off(), settlement, batch)
                .await
            {
                // Another process claimed it after this lease had lapsed: its settle counts.
                Ok(_) | Err(SettleError::Stale) => return Ok(()),
                Err(SettleError::Commit(CommitError::Precondition { .. })) if tries < 5 => {
                    tries += 1
                }
                Err(SettleError::Commit(error)) => return Err(error.into()),
            }
        }
    }

    async fn delivery_batch(
        &self,
        scope: Scope,
        id: doorward_types::InvitationId,
        notice: Option<&Notice>,
        status: Delivery,
        now: OffsetDateTime,
    ) -> Result<Batch, Fault> {
        let Some(read) = self.load::<Invitation>(scope, id.as_uuid()).await? else {
            return Ok(Batch::new());
        };
        let generation = notice
            .and_then(|notice| notice.secret)
            .map(|secret| secret.generation);
        let Some(generation) = generation else {
            return Ok(Batch::new());
        };
        let report = DeliveryReport { status, at: now };
        let Ok((next, events)) = read.state.clone().record_delivery(generation, report) else {
            return Ok(Batch::new());
        };
        let mut work = Work::new(scope, Principal::System, now);
        work.replace(&read, &next)?;
        work.note(
            events
                .into_iter()
                .map(|event| audit_trail::invitation(&event)),
        );
        work.batch(self, &())
    }
}

fn invitation_awaits(invitation: &Invitation, secret: &MailedSecret, now: OffsetDateTime) -> bool {
    let mailing = invitation.mailing();
    invitation.is_open() && mailing.generation == secret.generation && !mailing.has_expired(now)
}

fn account_awaits(account: &Account, secret: &MailedSecret, now: OffsetDateTime) -> bool {
    account.awaits_mail(secret.purpose, secret.generation, now)
}

fn later(now: OffsetDateTime, attempt: u32) -> Micros {
    let doublings = attempt.saturating_sub(1).min(6);
    let wait = (FIRST_WAIT * (1_i32 << doublings)).min(LONGEST_WAIT);
    micros(now.checked_add(wait).unwrap_or(now))
}
