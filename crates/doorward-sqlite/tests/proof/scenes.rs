//! The scenes that are raced, each with the outcomes that it may have.

mod accepting;
mod addresses;
mod members;

use doorward::{identity::Session, types::InvitationId};

pub(crate) use self::{
    accepting::{
        AcceptAgainstDemotion, AcceptAgainstResend, AcceptAgainstRevoke, OnePerson, OneRequest,
        OneSponsorsRequest, OneToken,
    },
    addresses::{OneAddress, OneProof},
    members::{AssignAgainstDelete, TwoDirectors},
};
use crate::office::{Office, user};

/// How many accept one token.
const CROWD: usize = 32;

fn has(told: &[String], word: &str) -> bool {
    told.iter().any(|told| told.starts_with(word))
}

/// Invites somebody, and returns the invitation with its link.
fn invited(office: &Office, by: &Session, address: &str) -> (InvitationId, String) {
    let invited = office.invite(by, address, user("clinical"));
    (invited.invitation, office.link_to(address))
}
