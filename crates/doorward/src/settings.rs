//! Settings of a tenant: its name, its options, its access key, what a resident is offered.

use doorward_access::Profile;
use doorward_identity::{AccessKey, AccessKeyText};
use doorward_types::{DisplayName, Generation, ProfileId};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    ConfigureTenant, Doorward, Error, Fault, Never, Permit, Tenant, Use,
    audit_trail::{self, TenantEvent},
    record::Loaded,
    work::{Committed, Tries, Work},
};

/// What an administrator sees of their tenant's settings.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// What it is called.
    pub name: DisplayName,
    /// Whether it uses the telephone line.
    pub telephony: Use,
    /// The profile that the one-click invite of a resident offers.
    pub default_resident_profile: Option<ProfileId>,
    /// Which access key is good, and since when; `None` where none was made.
    pub access_key: Option<(Generation, OffsetDateTime)>,
}

/// An access key that was made.
#[derive(Debug, Deserialize, Serialize)]
pub struct AccessKeyMade {
    /// How often the tenant's key was made.
    pub generation: Generation,
    /// The key itself, shown this once: a replay of the request does not have it.
    #[serde(skip)]
    pub text: Option<SecretString>,
}

/// Why the default profile was not set.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DefaultProfileRejection {
    /// The profile is being deleted.
    #[error("profile `{profile}` is being deleted: choose another")]
    RetiredProfile {
        /// Which profile.
        profile: ProfileId,
    },
}

impl Doorward {
    /// Reads the tenant's settings.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn settings(&self, permit: &Permit<ConfigureTenant>) -> Result<Settings, Fault> {
        let tenant = self.need_tenant(permit.tenant()).await?.state;
        let key = tenant.access_key.as_ref();
        Ok(Settings {
            access_key: key.map(|key| (key.generation(), key.made_at())),
            name: tenant.name,
            telephony: tenant.telephony,
            default_resident_profile: tenant.default_resident_profile,
        })
    }

    /// Renames the tenant.
    ///
    /// # Errors
    /// [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn rename_tenant(
        &self,
        permit: Permit<ConfigureTenant>,
        name: DisplayName,
    ) -> Result<(), Error<Never>> {
        let arguments = name.clone();
        let change = move |tenant: &mut Tenant| {
            let before = std::mem::replace(&mut tenant.name, name.clone());
            (before != name).then(|| TenantEvent::Renamed {
                before,
                after: name.clone(),
            })
        };
        self.configure(&permit, ("rename_tenant", &arguments), change)
            .await
    }

    /// Says whether the tenant uses the telephone line (HomeTrak: "only if the office is using the
    /// optional IVR features"). Without it no PIN is mailed or accepted.
    ///
    /// # Errors
    /// [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn set_telephony(
        &self,
        permit: Permit<ConfigureTenant>,
        telephony: Use,
    ) -> Result<(), Error<Never>> {
        let change = move |tenant: &mut Tenant| {
            let before = std::mem::replace(&mut tenant.telephony, telephony);
            (before != telephony).then_some(TenantEvent::TelephonySet {
                before,
                after: telephony,
            })
        };
        self.configure(&permit, ("set_telephony", &telephony), change)
            .await
    }

    async fn configure(
        &self,
        permit: &Permit<ConfigureTenant>,
        (use_case, arguments): (&'static str, &(impl Serialize + Sync)),
        change: impl Fn(&mut Tenant) -> Option<TenantEvent> + Send + Sync,
    ) -> Result<(), Error<Never>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await?;
            let mut work = permit.work(use_case, arguments)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read = self.need_tenant(permit.tenant()).await?;
            let mut next = read.state.clone();
            let event = change(&mut next);
            write(&mut work, &read, &next, event)?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Sets the profile that the one-click invite of a resident offers (ALIS "Send Invite button in
    /// the Resident Access column"; design 9.2), or takes it away.
    ///
    /// # Errors
    /// [`DefaultProfileRejection`], [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn set_default_resident_profile(
        &self,
        permit: Permit<ConfigureTenant>,
        profile: Option<ProfileId>,
    ) -> Result<(), Error<DefaultProfileRejection>> {
        let outcome = self.set_default_once(&permit, profile).await;
        self.settled(&permit, outcome).await
    }

    async fn set_default_once(
        &self,
        permit: &Permit<ConfigureTenant>,
        profile: Option<ProfileId>,
    ) -> Result<(), Error<DefaultProfileRejection>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(permit).await.map_err(Error::widen)?;
            let mut work = permit.work("set_default_resident_profile", &profile)?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read = self.need_tenant(permit.tenant()).await?;
            if let Some(profile) = profile {
                let found: Loaded<Profile> = self
                    .need(permit.scope(), profile.as_uuid(), "profile")
                    .await?;
                if !found.state.is_active() {
                    let retired = DefaultProfileRejection::RetiredProfile { profile };
                    return Err(Error::Rejected(retired));
                }
                work.guard(&found);
            }
            let mut next = read.state.clone();
            let before = std::mem::replace(&mut next.default_resident_profile, profile);
            let event = TenantEvent::DefaultResidentProfileSet {
                before,
                after: profile,
            };
            write(
                &mut work,
                &read,
                &next,
                (before != profile).then_some(event),
            )?;
            if let Committed::Done(()) = work.commit(self, &mut tries, ()).await? {
                return Ok(());
            }
        }
    }

    /// Makes the tenant's access key, or replaces it; the one before opens nothing any more
    /// (HomeTrak: "cloud access keys"). The key is in the answer this once.
    ///
    /// # Errors
    /// [`Denied`](crate::Denied) or a [`Fault`].
    pub async fn replace_access_key(
        &self,
        permit: Permit<ConfigureTenant>,
    ) -> Result<AccessKeyMade, Error<Never>> {
        let mut tries = Tries::default();
        loop {
            let permit = self.again(&permit).await?;
            let mut work = permit.work("replace_access_key", &())?;
            if let Some(before) = work.replay(self).await? {
                return Ok(before);
            }
            let read = self.need_tenant(permit.tenant()).await?;
            let text = AccessKeyText::from_random(self.random()?);
            let (key, events) = match read.state.access_key {
                Some(key) => key.replace(&text, work.now),
                None => AccessKey::make(permit.tenant(), &text, work.now),
            };
            let next = Tenant {
                access_key: Some(key),
                ..read.state.clone()
            };
            work.replace(&read, &next)?;
            let drafts = events.into_iter().map(TenantEvent::AccessKey);
            work.note(drafts.map(|event| audit_trail::tenant(next.id, &event)));
            let made = AccessKeyMade {
                generation: key.generation(),
                text: Some(text.to_text()),
            };
            if let Committed::Done(made) = work.commit(self, &mut tries, made).await? {
                return Ok(made);
            }
        }
    }
}

/// Writes the tenant where something happened to it; a setting that stood already changes nothing.
fn write(
    work: &mut Work,
    read: &Loaded<Tenant>,
    next: &Tenant,
    event: Option<TenantEvent>,
) -> Result<(), Fault> {
    let Some(event) = event else {
        return Ok(());
    };
    work.replace(read, next)?;
    work.note([audit_trail::tenant(next.id, &event)]);
    Ok(())
}
