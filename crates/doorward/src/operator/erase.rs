//! Erasing what no tenant manages.

use doorward_identity::account::EraseRejection;
use doorward_types::{AccountId, Principal, RequestId, Scope};

use super::Operator;
use crate::{
    Doorward, Error,
    work::{Asked, Committed, Tries, Work},
};

/// Why the operator did not erase an account.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum OperatorEraseRejection {
    /// A tenant manages it.
    #[error("a tenant manages the account: its administrators erase it")]
    Managed,
    /// The account refuses it.
    #[error(transparent)]
    Rule(#[from] EraseRejection),
}

impl Doorward {
    /// Erases a closed account that no tenant manages, for whose person nobody else could (GDPR Art.
    /// 17): they signed up alone, or joined a second tenant, and closed it themselves. What goes and
    /// what stays is as with [`erase_account`](Self::erase_account). Audited as the operator's, in the
    /// log of the directory.
    ///
    /// ```
    /// use doorward::{Doorward, Error, Operator, OperatorEraseRejection, types::AccountId};
    ///
    /// async fn forget(
    ///     door: &Doorward,
    ///     operator: &Operator,
    ///     account: AccountId, // of the session in which its person closed it
    /// ) -> Result<(), Error<OperatorEraseRejection>> {
    ///     door.erase_unmanaged_account(operator, account, None).await
    /// }
    /// ```
    ///
    /// # Errors
    /// [`OperatorEraseRejection`] or a [`Fault`](crate::Fault), [`Unknown`](crate::Fault::Unknown)
    /// among them.
    pub async fn erase_unmanaged_account(
        &self,
        _operator: &Operator,
        account: AccountId,
        request: Option<RequestId>,
    ) -> Result<(), Error<OperatorEraseRejection>> {
        let (scope, by) = (Scope::Directory, Principal::Operator);
        let asked = match request {
            None => None,
            Some(id) => Some(Asked::of(
                scope,
                &by,
                id,
                "erase_unmanaged_account",
                &account,
            )?),
        };
        let mut tries = Tries::default();
        loop {
            let mut work = Work::new(scope, by.clone(), self.now()).asked(asked.clone());
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read = self.account_of(account).await?;
            if read.state.managed_by().is_some() {
                return Err(Error::Rejected(OperatorEraseRejection::Managed));
            }
            let erased = read.state.clone().erase(work.now);
            let (next, events) = erased.map_err(|rule| Error::Rejected(rule.into()))?;
            work.replace(&read, &next)?;
            self.follow_up(&mut work, &next, &events, None).await?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }
}
