//! Account classes: the host's values that say how accounts of a class are entered.

use doorward_types::{Channel, Channels, ClassName};
use serde::{Deserialize, Serialize};
use time::Duration;

/// How accounts of one class are named, activated and entered; a value of the host's.
///
/// Four classes are the tests of this type: the two of HomeTrak, ALIS contact, Kalix user.
///
/// ```
/// use doorward_identity::{
///     AccessKeys, AccountClass, Activation, TemporaryPasswordLifetime, UserNameRule,
/// };
/// use doorward_types::{Channel, ClassName};
///
/// let identity = ClassName::new("identity")?;
/// // HomeTrak: "Mobile app access only, requiring access keys", no web portal.
/// let standard = AccountClass::new(
///     ClassName::new("standard")?,
///     [Channel::Desktop, Channel::Mobile, Channel::Telephony],
///     Activation::ByTemporaryPassword(TemporaryPasswordLifetime::default()),
/// )
/// .with_access_keys(AccessKeys::Required)
/// .converting_to(identity.clone());
/// // HomeTrak: "The username must be the email address to be created as an Identity account."
/// let identity = AccountClass::new(
///     identity,
///     [Channel::Desktop, Channel::Mobile, Channel::Portal, Channel::Telephony],
///     Activation::ByMail,
/// )
/// .with_user_name(UserNameRule::IsEmail);
/// // ALIS: "manually reset a temporary password".
/// let contact =
///     AccountClass::new(ClassName::new("contact")?, [Channel::Portal], Activation::AtAccept)
///         .with_temporary_password(TemporaryPasswordLifetime::default());
/// // Kalix: "enter the new user's log-in email".
/// let user = AccountClass::new(ClassName::new("user")?, [Channel::Portal], Activation::AtAccept)
///     .with_user_name(UserNameRule::IsEmail);
///
/// assert!(standard.opens(Channel::Mobile) && !standard.opens(Channel::Portal));
/// assert!(identity.opens(Channel::Portal) && identity.temporary_password().is_none());
/// assert!(contact.temporary_password().is_some() && user.temporary_password().is_none());
/// # Ok::<(), doorward_types::NameError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AccountClass {
    name: ClassName,
    channels: Channels,
    #[serde(default)]
    user_name: UserNameRule,
    #[serde(default)]
    access_keys: AccessKeys,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    temporary_password: Option<TemporaryPasswordLifetime>,
    activation: Activation,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    converts_to: Option<ClassName>,
}

impl AccountClass {
    /// Returns a class with free user names and without access keys. It has temporary passwords
    /// only where they activate its accounts.
    #[must_use]
    pub fn new<const N: usize>(
        name: ClassName,
        channels: [Channel; N],
        activation: Activation,
    ) -> Self {
        let temporary_password = match activation {
            Activation::ByTemporaryPassword(lifetime) => Some(lifetime),
            Activation::AtAccept | Activation::ByMail => None,
        };
        Self {
            name,
            channels: Channels::from(channels),
            user_name: UserNameRule::Free,
            access_keys: AccessKeys::None,
            temporary_password,
            activation,
            converts_to: None,
        }
    }

    /// Returns the class with this rule for user names.
    #[must_use]
    pub const fn with_user_name(mut self, rule: UserNameRule) -> Self {
        self.user_name = rule;
        self
    }

    /// Returns the class with this rule for access keys.
    #[must_use]
    pub const fn with_access_keys(mut self, rule: AccessKeys) -> Self {
        self.access_keys = rule;
        self
    }

    /// Returns the class with temporary passwords of this lifetime.
    #[must_use]
    pub const fn with_temporary_password(mut self, lifetime: TemporaryPasswordLifetime) -> Self {
        self.temporary_password = Some(lifetime);
        self
    }

    /// Returns the class with another one that its accounts can be converted to.
    #[must_use]
    pub fn converting_to(mut self, class: ClassName) -> Self {
        self.converts_to = Some(class);
        self
    }

    /// Returns its name.
    #[must_use]
    pub const fn name(&self) -> &ClassName {
        &self.name
    }

    /// Tells whether its accounts sign in from there.
    #[must_use]
    pub fn opens(&self, channel: Channel) -> bool {
        self.channels.contains(channel)
    }

    /// Returns the channels its accounts sign in from.
    #[must_use]
    pub const fn channels(&self) -> &Channels {
        &self.channels
    }

    /// Returns what a user name may be.
    #[must_use]
    pub const fn user_name(&self) -> UserNameRule {
        self.user_name
    }

    /// Returns whether an access key is presented beside the credential. Telephony asks for none:
    /// a PIN is all that a telephone can send.
    #[must_use]
    pub fn access_keys(&self, channel: Channel) -> AccessKeys {
        match channel {
            Channel::Telephony => AccessKeys::None,
            Channel::Desktop | Channel::Mobile | Channel::Portal => self.access_keys,
        }
    }

    /// Returns how long its temporary passwords live, if it has them.
    #[must_use]
    pub const fn temporary_password(&self) -> Option<TemporaryPasswordLifetime> {
        self.temporary_password
    }

    /// Returns how its accounts become active.
    #[must_use]
    pub const fn activation(&self) -> Activation {
        self.activation
    }

    /// Returns the class its accounts can be converted to, if any.
    #[must_use]
    pub const fn converts_to(&self) -> Option<&ClassName> {
        self.converts_to.as_ref()
    }
}

/// What a user name may be. One of e-mail form must be the account's own address in either case.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum UserNameRule {
    /// Any user name.
    #[default]
    Free,
    /// The account's e-mail address or none.
    IsEmail,
}

/// Whether the tenant's access key is presented beside the credential.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessKeys {
    /// It is not asked for.
    #[default]
    None,
    /// Nobody signs in without it.
    Required,
}

/// How an account becomes active.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// It is registered when its invitation is accepted, and active from then on.
    AtAccept,
    /// A mailed link sets the first password (HomeTrak identity: "an activation email").
    ByMail,
    /// A temporary password is replaced by the first own one (HomeTrak: "the user is prompted to
    /// change the password the first time they log into the mobile app").
    ByTemporaryPassword(TemporaryPasswordLifetime),
}

/// How long a temporary password lives: "several hours" is 4 by default and 24 at most
/// (design 9.6, ASVS 6.4.1).
///
/// ```
/// use doorward_identity::TemporaryPasswordLifetime;
/// use time::Duration;
/// assert_eq!(TemporaryPasswordLifetime::default().as_duration(), Duration::hours(4));
/// assert!(TemporaryPasswordLifetime::new(Duration::hours(24)).is_ok());
/// assert!(TemporaryPasswordLifetime::new(Duration::hours(25)).is_err());
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct TemporaryPasswordLifetime {
    seconds: u32,
}

impl TemporaryPasswordLifetime {
    /// Parses a lifetime; parts of a second are cut.
    ///
    /// # Errors
    /// [`LifetimeError`] unless it is more than nothing and at most 24 hours.
    pub fn new(duration: Duration) -> Result<Self, LifetimeError> {
        let seconds = u32::try_from(duration.whole_seconds()).map_err(|_| LifetimeError)?;
        Self::try_from(seconds)
    }

    /// Returns the lifetime.
    #[must_use]
    pub const fn as_duration(self) -> Duration {
        Duration::seconds(self.seconds as i64)
    }
}

impl Default for TemporaryPasswordLifetime {
    fn default() -> Self {
        Self {
            seconds: 4 * 60 * 60,
        }
    }
}

impl TryFrom<u32> for TemporaryPasswordLifetime {
    type Error = LifetimeError;

    fn try_from(seconds: u32) -> Result<Self, Self::Error> {
        if seconds == 0 || seconds > 24 * 60 * 60 {
            return Err(LifetimeError);
        }
        Ok(Self { seconds })
    }
}

impl From<TemporaryPasswordLifetime> for u32 {
    fn from(lifetime: TemporaryPasswordLifetime) -> Self {
        lifetime.seconds
    }
}

/// A lifetime that no temporary password may have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a temporary password lives at least a second and at most 24 hours")]
pub struct LifetimeError;
