//! Permits: the compiler refuses what was not authorised, and futures go where hosts run them.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test fails by panicking; its fixture is its own"
)]

#[expect(dead_code, reason = "each test file uses its part of the fixture")]
mod fixture;

use std::future::Future;

use doorward::{
    AmendForm, Caller, Credential, Denied, Doorward, Error, Invite, OwnAccount, Permit,
    RegisterForm,
    identity::Session,
    invitations::{Confirmed, DeclineReason},
    mailer::Mailer,
    storage::Limit,
    types::{Channel, InvitationId},
};

use crate::fixture::{House, block_on, invitation, staff};

/// Design 2: "`trybuild` shows that forgetting it does not compile".
#[test]
fn a_permit_cannot_be_forgotten_forged_borrowed_twice_or_taken_for_another() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}

/// ASVS 8.4.1: a session is good in its own tenant alone.
#[test]
fn a_session_of_another_tenant_opens_nothing_here() {
    let house = House::open();
    let other = house.second_tenant("eve@example.org").tenant;
    let eve = house.accept("eve@example.org");
    assert_eq!(eve.session.tenant, other);
    let forged = Session {
        tenant: house.tenant(),
        ..eve.session
    };
    assert!(matches!(
        block_on(house.door.authorise(&forged, OwnAccount)),
        Err(Error::Denied(Denied::Session(_)))
    ));
    let borrowed = Session {
        membership: house.director.membership,
        tenant: house.tenant(),
        ..eve.session
    };
    assert!(matches!(
        block_on(house.door.authorise(&borrowed, Invite)),
        Err(Error::Denied(Denied::Session(_)))
    ));
    // Hers opens her own tenant, where the invitation of this one is unknown.
    let here = house.invite("cleo@example.org", staff("clinical"));
    let permit = house.permit(&eve.session, Invite);
    let revoked = block_on(house.door.revoke_invitation(permit, here.invitation));
    assert!(matches!(revoked, Err(Error::Fault(_))));
}

fn is_send<F: Future + Send>(_: F) {}

const fn is_shared<T: Clone + Send + Sync + 'static>() {}

/// Hosts await use cases on executors of several threads. It is enough that this compiles.
#[expect(dead_code, reason = "it is compiled, not called")]
fn every_future_is_send(
    door: &Doorward,
    permit: impl Fn() -> Permit<Invite>,
    own: impl Fn() -> Permit<OwnAccount>,
    (session, form): (Session, fn() -> RegisterForm),
    (mailer, id): (&dyn Mailer, InvitationId),
) {
    let now = door.now();
    let at = doorward::InvitationRef {
        tenant: session.tenant,
        invitation: id,
    };
    is_send(door.authorise(Caller::from(&session), Invite));
    is_send(door.resume(&session));
    is_send(door.standing(&session));
    is_send(door.sign_in(
        session.tenant,
        Channel::Portal,
        "",
        Credential::Password(String::new().into()),
        None,
    ));
    is_send(door.invite(permit(), invitation("a@example.org", staff("clinical"))));
    is_send(door.resend_invitation(permit(), id));
    is_send(door.amend_invitation(permit(), id, AmendForm::default()));
    is_send(door.adopt_invitation(permit(), id));
    is_send(door.revoke_invitation(permit(), id));
    is_send(door.plan_invitations(&permit(), &[]));
    is_send(door.invite_many(permit(), &[], |_, _| {}));
    is_send(door.inspect_invitation(""));
    is_send(door.accept_by_link("", form(), Confirmed::by_post(), None));
    is_send(door.accept_signed_in(own(), at, Confirmed::by_post()));
    is_send(door.decline_by_link("", DeclineReason::NotMe, Confirmed::by_post(), None));
    is_send(door.decline_signed_in(own(), at, DeclineReason::NotMe, Confirmed::by_post()));
    is_send(door.invite_requests(&own()));
    is_send(door.request_reset(None, ""));
    is_send(door.resolve_resets(now, Limit::MAX));
    is_send(door.dispatch_once(mailer, now, Limit::MAX));
    is_send(door.sweep(now));
}

const _: () = is_shared::<Doorward>();
