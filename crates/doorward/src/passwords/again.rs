//! Proving again who one is, before what a stolen session must not do.

use secrecy::SecretString;
use time::Duration;

use super::PasswordChangeRejection;
use crate::{Credential, Doorward, Error, OwnAccount, Permit};

/// How long after signing in a session proves its person without the password.
const FRESH_FOR: Duration = Duration::minutes(10);

/// How whoever is signed in proves again who they are (ASVS 7.5.1).
#[derive(Clone, Debug)]
pub enum Reauthentication {
    /// They have signed in within ten minutes.
    FreshSession,
    /// They type their password.
    Password(SecretString),
}

/// Why somebody has not proved again who they are.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReauthenticationRefusal {
    /// The session is older than ten minutes.
    #[error("sign in again, or give the password")]
    NotFresh,
    /// The password was not the one.
    #[error(transparent)]
    Password(#[from] PasswordChangeRejection),
}

impl Doorward {
    /// Checks the proof; a wrong password counts as a failed sign-in does.
    pub(crate) async fn reauthenticate<R>(
        &self,
        permit: &Permit<OwnAccount>,
        proof: Reauthentication,
    ) -> Result<(), Error<R>>
    where
        R: From<ReauthenticationRefusal>,
    {
        let renewed = self.again(permit).await.map_err(Error::widen)?;
        let now = renewed.now();
        match proof {
            Reauthentication::FreshSession => {
                let since = renewed.session().map(|session| session.signed_in_at);
                if since.is_some_and(|since| now < since.saturating_add(FRESH_FOR)) {
                    Ok(())
                } else {
                    Err(Error::Rejected(ReauthenticationRefusal::NotFresh.into()))
                }
            }
            Reauthentication::Password(text) => {
                let own = Self::own(&renewed).map_err(Error::widen)?;
                let current = Credential::Password(text);
                let proved = self.prove_current(&own.state, &current, now).await;
                let refused = |wrong| ReauthenticationRefusal::Password(wrong).into();
                proved
                    .map(|_| ())
                    .map_err(|error| error.map_rejection(refused))
            }
        }
    }
}
