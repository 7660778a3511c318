//! What one racer does: authorised and read before the start, decided and committed after it.

use doorward::{
    AcceptInvitationRejection, Doorward, EditLevels, Error, Invite, InviteRejection, ManageMembers,
    ProveAddressRejection,
    access::{Access, AccessRejection, DeleteRejection, FitRejection},
    identity::Session,
    invitations::{
        AcceptRejection, Closed, Confirmed, ResendRejection, RevokeRejection, TokenRefusal,
    },
    types::{InvitationId, LevelId, Levels, MembershipId, RequestId},
};
use serde::{Deserialize, Serialize};

use crate::office::{PASSWORD, accept, block_on};

/// A racer, as it is told to another process.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) enum Arm {
    Accept {
        link: String,
        request: Option<RequestId>,
    },
    Revoke {
        by: Session,
        invitation: InvitationId,
        request: Option<RequestId>,
    },
    Resend {
        by: Session,
        invitation: InvitationId,
    },
    Demote {
        by: Session,
        member: MembershipId,
    },
    Assign {
        by: Session,
        member: MembershipId,
        level: LevelId,
    },
    DeleteLevel {
        by: Session,
        level: LevelId,
    },
    ProveAddress {
        link: String,
        request: Option<RequestId>,
    },
}

/// A racer at the starting line; it answers what it was told, in a word or two.
pub(crate) type Ready = Box<dyn FnOnce() -> String + Send>;

impl Arm {
    /// Does what comes before the start: permits, forms.
    pub(crate) fn ready(self, door: &Doorward) -> Ready {
        let door = door.clone();
        match self {
            Self::Accept { link, request } => {
                Box::new(move || accepted(accept(&door, &link, PASSWORD, request)))
            }
            Self::Revoke {
                by,
                invitation,
                request,
            } => {
                let mut permit = block_on(door.authorise(&by, Invite)).unwrap();
                if let Some(request) = request {
                    permit = permit.for_request(request);
                }
                Box::new(move || revoked(block_on(door.revoke_invitation(permit, invitation))))
            }
            Self::Resend { by, invitation } => {
                let permit = block_on(door.authorise(&by, Invite)).unwrap();
                Box::new(move || {
                    resent(block_on(door.resend_invitation(permit, invitation)).map(drop))
                })
            }
            Self::Demote { by, member } => {
                let permit = block_on(door.authorise(&by, ManageMembers)).unwrap();
                let version = block_on(door.member(&permit, member)).unwrap().version;
                let access = Access {
                    role: Some("clinical".parse().unwrap()),
                    levels: Levels::none(),
                    switches: Default::default(),
                };
                Box::new(move || {
                    demoted(block_on(door.edit_access(permit, member, version, access)))
                })
            }
            Self::Assign { by, member, level } => {
                let permit = block_on(door.authorise(&by, ManageMembers)).unwrap();
                let version = block_on(door.member(&permit, member)).unwrap().version;
                let levels = Levels::from([level]);
                Box::new(move || {
                    assigned(block_on(door.set_levels(permit, member, version, levels)))
                })
            }
            Self::DeleteLevel { by, level } => {
                let permit = block_on(door.authorise(&by, EditLevels)).unwrap();
                Box::new(move || deleted(block_on(door.delete_level(permit, level))))
            }
            Self::ProveAddress { link, request } => Box::new(move || {
                let proof = door.prove_address(&link, Confirmed::by_post(), request);
                proved(block_on(proof))
            }),
        }
    }
}

fn accepted(told: Result<doorward::Joined, Error<AcceptInvitationRejection>>) -> String {
    let rule = match told {
        Ok(joined) => return format!("joined as {}", joined.membership),
        Err(Error::Rejected(AcceptInvitationRejection::Rule(rule))) => rule,
        Err(other) => return unexpected(&other),
    };
    match rule {
        AcceptRejection::LinkUsed => "link used".to_owned(),
        AcceptRejection::Closed(closed) => is_closed("not accepted", &closed),
        AcceptRejection::NeedsReissue(_) => "needs reissue".to_owned(),
        AcceptRejection::Refused(TokenRefusal::Superseded { .. }) => "superseded".to_owned(),
        AcceptRejection::Refused(TokenRefusal::Unusable) => "link unusable".to_owned(),
        AcceptRejection::SignInToAccept => "sign in to accept".to_owned(),
        other => unexpected(&other),
    }
}

fn revoked(told: Result<(), Error<RevokeRejection>>) -> String {
    match told {
        Ok(()) => "revoked".to_owned(),
        Err(Error::Rejected(RevokeRejection::Closed(closed))) => is_closed("not revoked", &closed),
        Err(other) => unexpected(&other),
    }
}

fn resent(told: Result<(), Error<InviteRejection<ResendRejection>>>) -> String {
    match told {
        Ok(()) => "resent".to_owned(),
        Err(Error::Rejected(InviteRejection::Rule(ResendRejection::Closed(closed)))) => {
            is_closed("not resent", &closed)
        }
        Err(other) => unexpected(&other),
    }
}

fn demoted(told: Result<(), Error<AccessRejection>>) -> String {
    match told {
        Ok(()) => "demoted".to_owned(),
        Err(Error::Denied(_)) => "no director any more".to_owned(),
        Err(Error::Rejected(AccessRejection::LastAdministrator)) => "the last one".to_owned(),
        Err(other) => unexpected(&other),
    }
}

fn assigned(told: Result<(), Error<AccessRejection>>) -> String {
    match told {
        Ok(()) => "assigned".to_owned(),
        Err(Error::Rejected(AccessRejection::Unfit(FitRejection::UnknownLevel { .. }))) => {
            "level gone".to_owned()
        }
        Err(Error::Rejected(AccessRejection::Unfit(_))) => "level going".to_owned(),
        Err(other) => unexpected(&other),
    }
}

fn deleted(told: Result<(), Error<DeleteRejection>>) -> String {
    match told {
        Ok(()) => "deleted".to_owned(),
        Err(Error::Rejected(DeleteRejection::InUse { count: 1 })) => "in use".to_owned(),
        Err(other) => unexpected(&other),
    }
}

fn proved(told: Result<(), Error<ProveAddressRejection>>) -> String {
    match told {
        Ok(()) => "proved".to_owned(),
        Err(Error::Rejected(ProveAddressRejection::SignIn)) => "sign in to continue".to_owned(),
        Err(other) => unexpected(&other),
    }
}

fn is_closed(what: &str, closed: &Closed) -> String {
    match closed {
        Closed::Accepted(_) => format!("{what}: accepted"),
        Closed::Revoked { .. } => format!("{what}: revoked"),
        other => unexpected(other),
    }
}

fn unexpected(other: &impl std::fmt::Debug) -> String {
    format!("unexpected: {other:?}")
}
