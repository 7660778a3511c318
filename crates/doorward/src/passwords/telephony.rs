//! The PIN of the telephone.

use doorward_identity::{Authority, PinHash, account::IssuePinRejection};
use doorward_types::{MembershipId, Purpose, Scope};

use crate::{
    Doorward, Error, Fault, HashingError, Permit, ResetCredentials,
    accounts::notice,
    keys::{Derivation, pin_input},
    mail::{MailedSecret, Template},
    sign_in::telephony_of,
    work::{Committed, Tries},
};

impl Doorward {
    /// Mails a member a new PIN for the telephone (HomeTrak "email the IVR PIN"): six digits that
    /// open telephony alone. The one before ends, with every session of the account; a PIN that ten
    /// wrong ones had closed is open again.
    ///
    /// # Errors
    /// [`IssuePinRejection`], also where the tenant has no telephony ("This is used only if the
    /// office is using the optional IVR features"); [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn mail_pin(
        &self,
        permit: Permit<ResetCredentials>,
        membership: MembershipId,
    ) -> Result<(), Error<IssuePinRejection>> {
        let outcome = self.mail_pin_once(&permit, membership).await;
        self.settled(&permit, outcome).await
    }

    async fn mail_pin_once(
        &self,
        permit: &Permit<ResetCredentials>,
        membership: MembershipId,
    ) -> Result<(), Error<IssuePinRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("mail_pin", &membership)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let holder = self.holder(permit.scope(), membership).await?;
            let tenant = self.need_tenant(permit.tenant()).await?;
            work.guard(&holder.member);
            work.guard(&tenant);
            let account = &holder.account.state;
            let Some(class) = account.class() else {
                return Err(Fault::unknown("member").into());
            };
            let (secret, pin) = self.draw_pin(account).await?;
            let issued = account.clone().issue_pin(
                Authority::Administrator(permit.tenant()),
                self.class(class)?,
                telephony_of(&tenant.state),
                pin,
                permit.now(),
            );
            let (next, events) = issued.map_err(Error::Rejected)?;
            work.replace(&holder.account, &next)?;
            let name = &tenant.state.name;
            self.follow_up(&mut work, &next, &events, Some(name))
                .await?;
            if let Some(address) = next.address() {
                let to = address.as_email().clone();
                let mut mail = notice(Template::TelephonyPin, &next, to, Some(name));
                mail.secret = Some(secret);
                work.mail(self, permit.scope(), &mail)?;
            }
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Makes the PIN of the next mailing: how it is made again, and its hash under the PIN key.
    async fn draw_pin(
        &self,
        account: &doorward_identity::Account,
    ) -> Result<(MailedSecret, PinHash), Fault> {
        let (secret, derivation, token_key) = self.mailed_secret(|nonce| Derivation {
            purpose: Purpose::TelephonyPin,
            scope: Scope::Directory,
            record: account.id().as_uuid(),
            generation: account.next_generation(Purpose::TelephonyPin),
            nonce,
        })?;
        let setup = self.setup();
        let pin_key = setup.keys.pin.current();
        let code = derivation.pin(token_key).to_text();
        let input = pin_input(pin_key, account.id(), &code);
        let (key, cost, salt) = (pin_key.id().into(), setup.cost, self.random()?);
        let job = move || input.hash(key, secret.generation, cost, salt);
        let hash = setup.hashing.run(job).await?;
        Ok((secret, hash.map_err(|_| HashingError::Failed)?))
    }
}
