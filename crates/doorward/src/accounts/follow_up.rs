//! What follows from the events of an account: entries, a lifted lock, and the person is told.

use doorward_identity::{Account, AccountEvent, NewTicket};
use doorward_types::{DisplayName, EmailAddress, Purpose, Scope};
use time::OffsetDateTime;

use crate::{
    Doorward, Fault, audit_trail,
    keys::Derivation,
    mail::{About, MailedSecret, Notice, Template},
    stored::identity::AccountThrottle,
    work::Work,
};

impl Doorward {
    /// Notes the events of an account, lifts its lock where the person has recovered it, and tells
    /// the person of every change of credential, name or address (ASVS 6.3.7). The record itself is
    /// put by the caller; mails that hold a secret are queued where the secret is made.
    pub(crate) async fn follow_up(
        &self,
        work: &mut Work,
        account: &Account,
        events: &[AccountEvent],
        tenant: Option<&DisplayName>,
    ) -> Result<(), Fault> {
        work.note(
            events
                .iter()
                .map(|event| audit_trail::account(account, event)),
        );
        if events.iter().any(AccountEvent::lifts_lock) {
            self.lift_lock(work, account).await?;
        }
        let mut told = Vec::new();
        for event in events.iter().filter(|event| event.is_told()) {
            if let Some(told_of) = telling(account, event)
                && !told.contains(&told_of)
            {
                told.push(told_of);
            }
        }
        for (template, to) in told {
            let notice = notice(template, account, to, tenant);
            work.mail(self, work.scope, &notice)?;
        }
        Ok(())
    }

    /// Draws the ticket of a mailed link: how its secret is made again, and what the account keeps.
    pub(crate) fn ticket(
        &self,
        account: &Account,
        purpose: Purpose,
        expires_at: OffsetDateTime,
    ) -> Result<(MailedSecret, NewTicket), Fault> {
        let (secret, derivation, key) = self.mailed_secret(|nonce| Derivation {
            purpose,
            scope: Scope::Directory,
            record: account.id().as_uuid(),
            generation: account.next_generation(purpose),
            nonce,
        })?;
        let ticket = NewTicket {
            generation: secret.generation,
            digest: derivation.token(key).digest(),
            expires_at,
        };
        Ok((secret, ticket))
    }

    async fn lift_lock(&self, work: &mut Work, account: &Account) -> Result<(), Fault> {
        let read = self
            .load::<AccountThrottle>(Scope::Directory, account.id().as_uuid())
            .await?;
        let Some(read) = read.filter(|read| read.state.password.failure_count() > 0) else {
            return Ok(());
        };
        let next = AccountThrottle {
            password: read.state.password.succeed(),
            ..read.state.clone()
        };
        work.replace(&read, &next)
    }
}

/// A mail about an account, without a secret.
pub(crate) fn notice(
    template: Template,
    account: &Account,
    to: EmailAddress,
    tenant: Option<&DisplayName>,
) -> Notice {
    Notice {
        template,
        to,
        about: About::Account(account.id()),
        name: account.name().cloned(),
        tenant: tenant.cloned(),
        expires_at: None,
        secret: None,
    }
}

/// Which mail tells of an event, and where it goes; nothing goes where nobody has proved an address.
fn telling(account: &Account, event: &AccountEvent) -> Option<(Template, EmailAddress)> {
    let proved = || account.address()?.verified().cloned();
    match event {
        // Both of its mails hold secrets: they are queued with the request.
        AccountEvent::AddressChangeRequested { .. } => None,
        AccountEvent::AddressChanged { old, new: _ } => {
            Some((Template::AddressChanged, old.clone()))
        }
        AccountEvent::OwnershipProved { .. }
        | AccountEvent::PasswordChanged
        | AccountEvent::PasswordReplaced
        | AccountEvent::PasswordReset => Some((Template::PasswordChanged, proved()?)),
        _ => Some((Template::AccountChanged, proved()?)),
    }
}
