//! The mail of an invitation: its link, derived and never stored.

use doorward_invitations::Invitation;
use doorward_types::{DisplayName, Generation, InvitationId, Purpose, Scope, TokenDigest};

use super::issue::expires_at;
use crate::{
    Doorward, Fault,
    keys::Derivation,
    mail::{About, MailedSecret, Notice, Template},
    work::Work,
};

impl Doorward {
    /// Draws the link of a mailing: how it is made again, and the digest to store.
    pub(crate) fn link(
        &self,
        scope: Scope,
        invitation: InvitationId,
        generation: Generation,
    ) -> Result<(MailedSecret, TokenDigest), Fault> {
        let record = invitation.as_uuid();
        let purpose = Purpose::Invitation;
        let (secret, derivation, key) = self.mailed_secret(|nonce| Derivation {
            purpose,
            scope,
            record,
            generation,
            nonce,
        })?;
        Ok((secret, derivation.token(key).digest()))
    }

    /// Draws the link of the next mailing of an invitation.
    pub(crate) fn next_link(
        &self,
        scope: Scope,
        invitation: &Invitation,
    ) -> Result<(MailedSecret, TokenDigest), Fault> {
        self.link(
            scope,
            invitation.id(),
            invitation.mailing().generation.next(),
        )
    }

    /// Queues the mail of an invitation's present link.
    pub(crate) async fn mail_invitation(
        &self,
        work: &mut Work,
        invitation: &Invitation,
        template: Template,
        secret: MailedSecret,
    ) -> Result<(), Fault> {
        let tenant = self.need_tenant(invitation.tenant()).await?;
        self.queue_invitation(work, invitation, template, (tenant.state.name, secret))
    }

    /// Queues it in the name of a tenant that was read, or is created in this very commit.
    pub(crate) fn queue_invitation(
        &self,
        work: &mut Work,
        invitation: &Invitation,
        template: Template,
        (tenant, secret): (DisplayName, MailedSecret),
    ) -> Result<(), Fault> {
        let scope = Scope::Tenant(invitation.tenant());
        let notice = Notice {
            template,
            to: invitation.address().clone(),
            about: About::Invitation(invitation.id()),
            name: invitation.name().cloned(),
            tenant: Some(tenant),
            expires_at: Some(expires_at(invitation)),
            secret: Some(secret),
        };
        work.mail(self, scope, &notice).map(|_| ())
    }
}
