//! Commands: what may happen, in numbers that the world resolves to whoever is there.

use proptest::prelude::*;

/// Something that somebody does, or that happens.
#[derive(Clone, Copy, Debug)]
pub enum Command {
    Invite {
        by: usize,
        who: usize,
        offer: usize,
    },
    Resend {
        by: usize,
        invitation: usize,
    },
    Amend {
        by: usize,
        invitation: usize,
        subject: usize,
        bills: bool,
    },
    Adopt {
        by: usize,
        invitation: usize,
    },
    Revoke {
        by: usize,
        invitation: usize,
    },
    AcceptLink {
        invitation: usize,
        newest: bool,
    },
    AcceptSignedIn {
        who: usize,
        invitation: usize,
    },
    DeclineLink {
        invitation: usize,
    },
    SignIn {
        who: usize,
        right: bool,
    },
    Disable {
        by: usize,
        member: usize,
    },
    Restore {
        by: usize,
        member: usize,
    },
    Remove {
        by: usize,
        member: usize,
    },
    EditAccess {
        by: usize,
        member: usize,
        role: usize,
        levels: u8,
    },
    EditLevel {
        by: usize,
        level: usize,
        bits: u8,
    },
    Grant {
        by: usize,
        member: usize,
        subject: usize,
        bills: bool,
    },
    RevokeGrant {
        by: usize,
        member: usize,
        subject: usize,
    },
    Pass {
        hours: i64,
    },
    Dispatch,
    Sweep,
}

impl Command {
    pub fn any() -> impl Strategy<Value = Self> {
        let n = || 0_usize..16;
        // The director acts often, so that there is something for the others to do.
        let by = || prop_oneof![2 => Just(0_usize), 3 => Just(1_usize), 4 => 0_usize..16];
        let flag = any::<bool>;
        prop_oneof![
            6 => (by(), n(), n()).prop_map(|(by, who, offer)| Self::Invite { by, who, offer }),
            2 => (by(), n()).prop_map(|(by, invitation)| Self::Resend { by, invitation }),
            2 => (by(), n(), n(), flag()).prop_map(|(by, invitation, subject, bills)| {
                Self::Amend { by, invitation, subject, bills }
            }),
            1 => (by(), n()).prop_map(|(by, invitation)| Self::Adopt { by, invitation }),
            1 => (by(), n()).prop_map(|(by, invitation)| Self::Revoke { by, invitation }),
            9 => (n(), prop::bool::weighted(0.8)).prop_map(|(invitation, newest)| {
                Self::AcceptLink { invitation, newest }
            }),
            3 => (n(), n()).prop_map(|(who, invitation)| Self::AcceptSignedIn { who, invitation }),
            1 => n().prop_map(|invitation| Self::DeclineLink { invitation }),
            6 => (n(), prop::bool::weighted(0.95)).prop_map(|(who, right)| {
                Self::SignIn { who, right }
            }),
            2 => (by(), n()).prop_map(|(by, member)| Self::Disable { by, member }),
            2 => (by(), n()).prop_map(|(by, member)| Self::Restore { by, member }),
            1 => (by(), n()).prop_map(|(by, member)| Self::Remove { by, member }),
            3 => (by(), n(), n(), 0_u8..4).prop_map(|(by, member, role, levels)| {
                Self::EditAccess { by, member, role, levels }
            }),
            2 => (by(), n(), 0_u8..8).prop_map(|(by, level, bits)| {
                Self::EditLevel { by, level, bits }
            }),
            3 => (by(), n(), n(), flag()).prop_map(|(by, member, subject, bills)| {
                Self::Grant { by, member, subject, bills }
            }),
            2 => (by(), n(), n()).prop_map(|(by, member, subject)| {
                Self::RevokeGrant { by, member, subject }
            }),
            1 => (1_i64..300).prop_map(|hours| Self::Pass { hours }),
            8 => Just(Self::Dispatch),
            1 => Just(Self::Sweep),
        ]
    }
}
