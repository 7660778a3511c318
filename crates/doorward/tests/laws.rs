//! Laws: random command sequences through the use cases, against a plain model of who is invited,
//! who has access, and who may give what.
//!
//! After each command the storage, the sessions and the audit log are compared with the model:
//! no transition from a terminal state, at most one winner, no access after revoke, disable or
//! expiry, no change without its audit entry, no mail lost, an administrator always there, nobody
//! with a gain the actor could not give, no secret in storage.

mod fixture;

#[path = "laws/command.rs"]
mod command;
#[path = "laws/model.rs"]
mod model;
#[path = "laws/world.rs"]
mod world;

use proptest::prelude::*;

use crate::{command::Command, world::World};

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        max_shrink_iters: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_use_cases_do_what_the_plain_model_says(
        commands in prop::collection::vec(Command::any(), 1..60),
    ) {
        let mut world = World::open();
        for command in commands {
            world.run(command);
            world.check();
        }
        world.check_secrets();
    }
}

/// The law is not empty: a day that touches every command ends with every state reached.
#[test]
fn a_day_reaches_every_state_of_the_model() {
    use crate::{command::Command as Do, model::State};

    let mut world = World::open();
    let day = [
        Do::Invite {
            by: 0,
            who: 3,
            offer: 1,
        },
        Do::Invite {
            by: 0,
            who: 4,
            offer: 4,
        },
        Do::Dispatch,
        Do::AcceptLink {
            invitation: 0,
            newest: true,
        },
        Do::AcceptLink {
            invitation: 0,
            newest: true,
        },
        Do::SignIn {
            who: 3,
            right: true,
        },
        Do::Amend {
            by: 1,
            invitation: 1,
            subject: 2,
            bills: false,
        },
        Do::Resend {
            by: 0,
            invitation: 1,
        },
        Do::Dispatch,
        Do::AcceptLink {
            invitation: 1,
            newest: true,
        },
        Do::SignIn {
            who: 4,
            right: true,
        },
        Do::Grant {
            by: 0,
            member: 2,
            subject: 1,
            bills: true,
        },
        Do::Disable { by: 0, member: 1 },
        Do::Restore { by: 0, member: 1 },
        Do::Invite {
            by: 0,
            who: 1,
            offer: 0,
        },
        Do::Dispatch,
        Do::DeclineLink { invitation: 2 },
        Do::Invite {
            by: 0,
            who: 1,
            offer: 0,
        },
        Do::Dispatch,
        Do::Pass { hours: 200 },
        Do::Invite {
            by: 0,
            who: 1,
            offer: 0,
        },
        Do::Invite {
            by: 0,
            who: 2,
            offer: 2,
        },
        Do::Revoke {
            by: 0,
            invitation: 5,
        },
        Do::AcceptSignedIn {
            who: 1,
            invitation: 4,
        },
        Do::Remove { by: 0, member: 2 },
        Do::Sweep,
    ];
    for command in day {
        world.run(command);
        world.check();
    }
    world.check_secrets();
    let states: Vec<State> = world.states();
    for state in [
        State::Accepted,
        State::Declined,
        State::Replaced,
        State::Revoked,
    ] {
        assert!(states.contains(&state), "{state:?} in {states:?}");
    }
}
