//! Nobody but `authorise` makes a permit.

use doorward::{Invite, Permit};

fn forge() -> Permit<Invite> {
    Permit { request: None }
}

fn main() {}
