//! Name, cell, note, user name, and a second tenant.

use doorward_types::{DisplayName, Note, TenantId};

use super::{Account, Changed, OwnUserName, Status, register::check_user_name};
use crate::{AccountClass, AccountEvent, Authority, CellNumber, ManagedByPerson};

impl Account {
    /// Changes name, cell number and note; one form.
    ///
    /// # Errors
    /// [`EditDetailsRejection`] where the account is over or not the tenant's to change.
    pub fn edit_details(
        mut self,
        authority: Authority,
        name: DisplayName,
        cell: Option<CellNumber>,
        note: Note,
    ) -> Result<Changed, EditDetailsRejection> {
        let status = self.status();
        let body = self
            .body_mut()
            .ok_or(EditDetailsRejection::NotOpen { status })?;
        let profile = &mut body.profile;
        authority.over(profile.managed_by)?;
        let mut events = Vec::new();
        if profile.name != name {
            let from = std::mem::replace(&mut profile.name, name.clone());
            events.push(AccountEvent::NameChanged { from, to: name });
        }
        if profile.cell != cell {
            let from = std::mem::replace(&mut profile.cell, cell.clone());
            events.push(AccountEvent::CellChanged { from, to: cell });
        }
        if profile.note != note {
            let from = std::mem::replace(&mut profile.note, note.clone());
            events.push(AccountEvent::NoteChanged { from, to: note });
        }
        Ok((self, events))
    }

    /// Gives the account another user name, or none (HomeTrak: "Enter a unique username for this
    /// person"). The shell moves its claim and its skeleton in the same commit.
    ///
    /// # Errors
    /// [`RenameRejection`] where the class or the address refuses the name, or the account is over
    /// or not the tenant's to change.
    pub fn rename(
        mut self,
        authority: Authority,
        class: &AccountClass,
        user_name: Option<OwnUserName>,
    ) -> Result<Changed, RenameRejection> {
        let status = self.status();
        let body = self.body_mut().ok_or(RenameRejection::NotOpen { status })?;
        let profile = &mut body.profile;
        authority.over(profile.managed_by)?;
        if let Some(own) = &user_name {
            if matches!(authority, Authority::Administrator(tenant) if tenant != own.tenant) {
                return Err(RenameRejection::OtherTenant);
            }
            if !check_user_name(&own.name, profile.email(), class) {
                return Err(RenameRejection::UserNameNotOwnAddress);
            }
        }
        if profile.user_name == user_name {
            return Ok((self, Vec::new()));
        }
        let from = std::mem::replace(&mut profile.user_name, user_name);
        let (from, to) = (
            from.map(|own| own.name),
            profile.user_name.clone().map(|own| own.name),
        );
        Ok((self, vec![AccountEvent::UserNameChanged { from, to }]))
    }

    /// Notes that the account joins a tenant. A second one ends its management for good: from then
    /// on nobody but its person changes it (design 6).
    #[must_use]
    pub fn join_tenant(mut self, tenant: TenantId) -> Changed {
        let Some(body) = self.body_mut() else {
            return (self, Vec::new());
        };
        match body.profile.managed_by {
            Some(manager) if manager != tenant => {
                body.profile.managed_by = None;
                (
                    self,
                    vec![AccountEvent::ManagementEnded { tenant: manager }],
                )
            }
            _ => (self, Vec::new()),
        }
    }
}

/// Why details were not changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EditDetailsRejection {
    /// The account is not managed by the tenant.
    #[error(transparent)]
    ManagedByPerson(#[from] ManagedByPerson),
    /// It is closed or erased.
    #[error("the account is {status}: its details stay as they are")]
    NotOpen {
        /// Where it stands.
        status: Status,
    },
}

/// Why a user name was not changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RenameRejection {
    /// The account is not managed by the tenant.
    #[error(transparent)]
    ManagedByPerson(#[from] ManagedByPerson),
    /// It is closed or erased.
    #[error("the account is {status}: its user name stays as it is")]
    NotOpen {
        /// Where it stands.
        status: Status,
    },
    /// An administrator gives user names in their own tenant alone.
    #[error("a user name is given in one's own tenant")]
    OtherTenant,
    /// The user name has the form of an address, or must have it, and is not the account's own.
    #[error("the user name must be the account's own e-mail address")]
    UserNameNotOwnAddress,
}
