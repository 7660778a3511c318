//! Channels: where a login comes from.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

/// Where a login comes from (HomeTrak: "the Companion program, the mobile apps and the web portal";
/// telephony is the optional IVR).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The desktop program.
    Desktop,
    /// The mobile apps.
    Mobile,
    /// The web portal.
    Portal,
    /// The telephone, by PIN.
    Telephony,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 4] = [Self::Desktop, Self::Mobile, Self::Portal, Self::Telephony];

    /// Returns the word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Mobile => "mobile",
            Self::Portal => "portal",
            Self::Telephony => "telephony",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of channels.
///
/// ```
/// use doorward_types::{Channel, Channels};
/// let apps = Channels::from([Channel::Mobile, Channel::Portal]);
/// assert!(apps.contains(Channel::Portal) && !apps.contains(Channel::Desktop));
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Channels(BTreeSet<Channel>);

impl Channels {
    /// Tells whether the channel is among them.
    #[must_use]
    pub fn contains(&self, channel: Channel) -> bool {
        self.0.contains(&channel)
    }

    /// Visits the channels in their order.
    pub fn iter(&self) -> impl Iterator<Item = Channel> + '_ {
        self.0.iter().copied()
    }
}

impl<const N: usize> From<[Channel; N]> for Channels {
    fn from(channels: [Channel; N]) -> Self {
        Self(BTreeSet::from(channels))
    }
}
