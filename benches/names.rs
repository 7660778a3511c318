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
    interleave,
};

/// Calls on each side.
pub const CALLS: usize = 2_000;
/// Names on each side.
pub const COUNT: usize = 100;

/// As many names that somebody has as names that nobody has.
#[derive(Clone, Debug)]
pub struct Names {
    /// Of people who have an account.
    pub known: Vec<EmailAddress>,
    /// Of nobody.
    pub unknown: Vec<EmailAddress>,
}

impl Names {
    /// Every administrator invites everybody, those of unknown names over those of known ones.
    ///
    /// # Panics
    /// Where one is refused.
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
            form.map(|(permit, form)| house.invite(permit, form))
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
