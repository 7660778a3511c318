//! Security levels: held by members (HomeTrak).

use doorward_access::{DeleteRejection, EditRejection, Level, PermissionSet, Preview};
use doorward_types::{DisplayName, LevelId};

use super::{Chooses, NamedSetRejection};
use crate::{
    Doorward, EditLevels, Error, Fault, FormVersion, Permit, Versioned, record::Loaded,
    stored::access::every,
};

impl Doorward {
    /// Lists the tenant's levels by name, those being deleted too.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn levels<A: Chooses>(
        &self,
        permit: &Permit<A>,
    ) -> Result<Vec<Versioned<Level>>, Fault> {
        let all = self.every::<Level>(&every(permit.scope(), "level")).await?;
        Ok(all.into_iter().map(Versioned::from).collect())
    }

    /// Reads a level, with the version that its form asks for.
    ///
    /// # Errors
    /// A [`Fault`], [`Fault::Unknown`] among them.
    pub async fn level<A: Chooses>(
        &self,
        permit: &Permit<A>,
        level: LevelId,
    ) -> Result<Versioned<Level>, Fault> {
        let read: Loaded<Level> = self.need(permit.scope(), level.as_uuid(), "level").await?;
        Ok(read.into())
    }

    /// Creates a level (HomeTrak: "add, edit or delete Security Levels"). Nobody holds it yet, so nobody gains: giving it is what is
    /// judged.
    ///
    /// # Errors
    /// [`NamedSetRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn create_level(
        &self,
        permit: Permit<EditLevels>,
        name: DisplayName,
        permissions: PermissionSet,
    ) -> Result<LevelId, Error<NamedSetRejection>> {
        let outcome = self
            .create_set(&permit, "create_level", &name, &permissions)
            .await;
        self.settled(&permit, outcome).await
    }

    /// Renames a level.
    ///
    /// # Errors
    /// [`NamedSetRejection::NameTaken`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn rename_level(
        &self,
        permit: Permit<EditLevels>,
        level: LevelId,
        name: DisplayName,
    ) -> Result<(), Error<NamedSetRejection>> {
        let outcome = self.rename_set(&permit, "rename_level", level, &name).await;
        self.settled(&permit, outcome).await
    }

    /// Shows what an edit would give and take, for each distinct combination of holders (design 4:
    /// "Edits are previewable"). Nothing is written.
    ///
    /// # Errors
    /// [`EditRejection`] where the edit names unknown permissions, or a [`Fault`].
    pub async fn preview_level(
        &self,
        permit: &Permit<EditLevels>,
        level: LevelId,
        permissions: PermissionSet,
    ) -> Result<Preview, Error<EditRejection>> {
        self.preview_set(permit, level, permissions).await
    }

    /// Edits what a level holds: a form. All its holders hold the new set at their next check, so
    /// what each gains must lie within what the actor may give (design 4).
    ///
    /// # Errors
    /// [`EditRejection`], [`Denied`](crate::Denied) or a [`Fault`], [`Fault::Stale`] among them.
    pub async fn edit_level(
        &self,
        permit: Permit<EditLevels>,
        level: LevelId,
        version: FormVersion,
        permissions: PermissionSet,
    ) -> Result<(), Error<EditRejection>> {
        let outcome = self
            .edit_set(&permit, "edit_level", level, version, permissions)
            .await;
        self.settled(&permit, outcome).await
    }

    /// Deletes a level that nobody holds and no open offer names (design 9.2).
    ///
    /// # Errors
    /// [`DeleteRejection::InUse`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn delete_level(
        &self,
        permit: Permit<EditLevels>,
        level: LevelId,
    ) -> Result<(), Error<DeleteRejection>> {
        let outcome = self.delete_set(&permit, "delete_level", level).await;
        self.settled(&permit, outcome).await
    }
}
