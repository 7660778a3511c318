//! Names that somebody has and names that nobody has, and what is asked under either in turns.

use doorward::{
    Invite, NewInvitation, Permit,
    identity::Session,
    storage::FullStorage,
    types::{EmailAddress, TenantId},
};
use pollster::FutureExt as _;

use crate::{
    Medians,
    house::{House, invitation},
    interleave, is_test,
};

/// Calls on each side.
const CALLS: usize = 2_000;
/// Names on each side.
const COUNT: usize = 100;

/// How many communities invite everybody, so that it comes to as many calls.
#[must_use]
pub fn communities() -> usize {
    if is_test() { 1 } else { CALLS / COUNT }
}

/// As many names that somebody has as names that nobody has.
#[derive(Clone, Debug)]
pub struct Names {
    /// Of people who have an account.
    pub known: Vec<EmailAddress>,
    /// Of nobody.
    pub unknown: Vec<EmailAddress>,
}

impl Names {
    /// Makes them: each of its side and its number there.
    #[must_use]
    pub fn of(name: impl Fn(&str, usize) -> EmailAddress) -> Self {
        let count = if is_test() { 1 } else { COUNT };
        let side = |side: &str| (0..count).map(|n| name(side, n)).collect();
        Self {
            known: side("known"),
            unknown: side("never"),
        }
    }

    /// Every administrator invites everybody, those of unknown names over those of known ones. Their
    /// permits are made beforehand: authorising reads nothing of whom they invite.
    ///
    /// # Panics
    /// Where one is refused, or there are fewer to invite than calls.
    #[must_use]
    pub fn invite<S: FullStorage + Clone>(
        &self,
        house: &House<S>,
        administrators: &[Session],
    ) -> Medians {
        let forms = |addresses: &[EmailAddress]| -> Vec<(Permit<Invite>, NewInvitation)> {
            let of_one = |by| {
                addresses
                    .iter()
                    .map(move |to| (house.permit(by), invitation(to)))
            };
            administrators.iter().flat_map(of_one).collect()
        };
        let invite = |form: Option<(Permit<Invite>, NewInvitation)>| {
            let (permit, form) = form.unwrap_or_else(|| panic!("somebody is left to invite"));
            house.invite(permit, form)
        };
        let mut unknown = forms(&self.unknown).into_iter();
        let mut known = forms(&self.known).into_iter();
        interleave(CALLS, 1, || invite(unknown.next()), || invite(known.next()))
    }

    /// Resets are asked for in a tenant, under unknown names over known ones.
    ///
    /// # Panics
    /// Where one is refused.
    #[must_use]
    pub fn request_reset<S: FullStorage + Clone>(
        &self,
        house: &House<S>,
        tenant: TenantId,
    ) -> Medians {
        let ask = |name: Option<&EmailAddress>| name.map(|name| request_reset(house, tenant, name));
        let (mut unknown, mut known) = (self.unknown.iter().cycle(), self.known.iter().cycle());
        interleave(CALLS, 1, || ask(unknown.next()), || ask(known.next()))
    }
}

/// Asks for a reset under a name.
///
/// # Panics
/// Where that is refused.
pub fn request_reset<S: FullStorage + Clone>(
    house: &House<S>,
    tenant: TenantId,
    name: &EmailAddress,
) {
    let asked = house.door.request_reset(Some(tenant), name.original());
    asked.block_on().unwrap_or_else(|error| panic!("{error}"));
}
