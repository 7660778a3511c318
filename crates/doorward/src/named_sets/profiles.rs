//! User profiles: granted over one subject (ALIS).

use doorward_access::{DeleteRejection, EditRejection, PermissionSet, Preview, Profile};
use doorward_types::{DisplayName, ProfileId};

use super::{Chooses, NamedSetRejection};
use crate::{
    Doorward, EditProfiles, Error, Fault, FormVersion, Permit, Versioned, record::Loaded,
    stored::access::every,
};

impl Doorward {
    /// Lists the tenant's profiles by name, those being deleted too.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn profiles<A: Chooses>(
        &self,
        permit: &Permit<A>,
    ) -> Result<Vec<Versioned<Profile>>, Fault> {
        let all = self
            .every::<Profile>(&every(permit.scope(), "profile"))
            .await?;
        Ok(all.into_iter().map(Versioned::from).collect())
    }

    /// Reads a profile, with the version that its form asks for.
    ///
    /// # Errors
    /// A [`Fault`], [`Fault::Unknown`] among them.
    pub async fn profile<A: Chooses>(
        &self,
        permit: &Permit<A>,
        profile: ProfileId,
    ) -> Result<Versioned<Profile>, Fault> {
        let read: Loaded<Profile> = self
            .need(permit.scope(), profile.as_uuid(), "profile")
            .await?;
        Ok(read.into())
    }

    /// Creates a profile (ALIS: "configured in ALIS Connect Settings"). Nobody holds it yet, so nobody gains: giving it is what is
    /// judged.
    ///
    /// # Errors
    /// [`NamedSetRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn create_profile(
        &self,
        permit: Permit<EditProfiles>,
        name: DisplayName,
        permissions: PermissionSet,
    ) -> Result<ProfileId, Error<NamedSetRejection>> {
        let outcome = self
            .create_set(&permit, "create_profile", &name, &permissions)
            .await;
        self.settled(&permit, outcome).await
    }

    /// Renames a profile.
    ///
    /// # Errors
    /// [`NamedSetRejection::NameTaken`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn rename_profile(
        &self,
        permit: Permit<EditProfiles>,
        profile: ProfileId,
        name: DisplayName,
    ) -> Result<(), Error<NamedSetRejection>> {
        let outcome = self
            .rename_set(&permit, "rename_profile", profile, &name)
            .await;
        self.settled(&permit, outcome).await
    }

    /// Shows what an edit would give and take, for each distinct combination of holders (design 4:
    /// "Edits are previewable"). Nothing is written.
    ///
    /// # Errors
    /// [`EditRejection`] where the edit names unknown permissions, or a [`Fault`].
    pub async fn preview_profile(
        &self,
        permit: &Permit<EditProfiles>,
        profile: ProfileId,
        permissions: PermissionSet,
    ) -> Result<Preview, Error<EditRejection>> {
        self.preview_set(permit, profile, permissions).await
    }

    /// Edits what a profile holds: a form. All its holders hold the new set at their next check, so
    /// what each gains must lie within what the actor may give (design 4).
    ///
    /// # Errors
    /// [`EditRejection`], [`Denied`](crate::Denied) or a [`Fault`], [`Fault::Stale`] among them.
    pub async fn edit_profile(
        &self,
        permit: Permit<EditProfiles>,
        profile: ProfileId,
        version: FormVersion,
        permissions: PermissionSet,
    ) -> Result<(), Error<EditRejection>> {
        let outcome = self
            .edit_set(&permit, "edit_profile", profile, version, permissions)
            .await;
        self.settled(&permit, outcome).await
    }

    /// Deletes a profile that nobody holds and no open offer names (design 9.2).
    ///
    /// # Errors
    /// [`DeleteRejection::InUse`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn delete_profile(
        &self,
        permit: Permit<EditProfiles>,
        profile: ProfileId,
    ) -> Result<(), Error<DeleteRejection>> {
        let outcome = self.delete_set(&permit, "delete_profile", profile).await;
        self.settled(&permit, outcome).await
    }
}
