//! Invitations, by the sponsor and by the invitee.

use std::collections::BTreeSet;

use doorward::{
    AmendForm, Invite, OwnAccount, ViewAccess,
    invitations::{Confirmed, DeclineReason},
    storage::Limit,
};

use super::UseCase;
use crate::{
    fixture::{PASSWORD, block_on, invitation, kind, registration, staff},
    stage::{ended, read},
};

pub(super) const USE_CASES: &[(&str, UseCase)] = &[
    ("accept_by_link", |s| {
        let (form, by_post) = (registration(), Confirmed::by_post());
        ended(block_on(s.door.accept_by_link(
            &s.open_link,
            form,
            by_post,
            None,
        )))
    }),
    ("accept_by_password", |s| {
        let password = PASSWORD.to_owned().into();
        let by_post = Confirmed::by_post();
        ended(block_on(s.door.accept_by_password(
            &s.open_link,
            password,
            by_post,
            None,
        )))
    }),
    ("accept_signed_in", |s| {
        let permit = s.permit(&s.guest.session, OwnAccount)?;
        let by_post = Confirmed::by_post();
        ended(block_on(s.door.accept_signed_in(
            permit,
            s.requested,
            by_post,
        )))
    }),
    ("adopt_all_of", |s| {
        let permit = s.permit(&s.guest.session, Invite)?;
        let leaver = s.house.director.membership;
        ended(block_on(s.door.adopt_all_of(permit, leaver)))
    }),
    ("adopt_invitation", |s| {
        let permit = s.permit(&s.guest.session, Invite)?;
        ended(block_on(s.door.adopt_invitation(permit, s.open)))
    }),
    ("amend_invitation", |s| {
        let permit = s.may(Invite)?;
        let form = AmendForm {
            add: Vec::new(),
            withdraw: BTreeSet::from([s.residents[1].into()]),
            sworn: doorward::invitations::Sworn::new(),
        };
        ended(block_on(s.door.amend_invitation(permit, s.open, form)))
    }),
    ("decline_by_link", |s| {
        let (reason, by_post) = (DeclineReason::NotMe, Confirmed::by_post());
        ended(block_on(s.door.decline_by_link(
            &s.open_link,
            reason,
            by_post,
            None,
        )))
    }),
    ("decline_signed_in", |s| {
        let permit = s.permit(&s.guest.session, OwnAccount)?;
        let (reason, by_post) = (DeclineReason::NotMe, Confirmed::by_post());
        ended(block_on(s.door.decline_signed_in(
            permit,
            s.requested,
            reason,
            by_post,
        )))
    }),
    ("email_statuses", |s| {
        let permit = s.may(ViewAccess)?;
        ended(block_on(s.door.email_statuses(&permit, None, Limit::MAX)))
    }),
    ("inspect_invitation", |s| {
        ended(block_on(s.door.inspect_invitation(&s.open_link)))
    }),
    ("invite", |s| {
        let permit = s.may(Invite)?;
        let form = invitation("new@example.org", staff("clinical"));
        ended(block_on(s.door.invite(permit, form)))
    }),
    ("invite_a_member", |s| {
        let permit = s.may(Invite)?;
        let form = invitation("guest@example.org", staff("clinical"));
        ended(block_on(s.door.invite(permit, form)))
    }),
    ("invite_again", |s| {
        let permit = s.may(Invite)?;
        let form = invitation("open@example.org", staff("clinical"));
        ended(block_on(s.door.invite(permit, form)))
    }),
    ("invite_form", |s| {
        let permit = s.may(Invite)?;
        let over = Some(s.residents[0].into());
        ended(block_on(s.door.invite_form(&permit, s.worker, over)))?;
        ended(block_on(s.door.invite_form_of(&permit, &kind("contact"))))
    }),
    ("invite_requests", |s| {
        let permit = s.permit(&s.guest.session, OwnAccount)?;
        ended(block_on(s.door.invite_requests(&permit)))
    }),
    ("pending_invitations", |s| {
        let permit = s.may(ViewAccess)?;
        ended(block_on(s.door.pending_invitations(
            &permit,
            None,
            Limit::MAX,
        )))
    }),
    ("resend_invitation", |s| {
        let permit = s.may(Invite)?;
        ended(block_on(s.door.resend_invitation(permit, s.open)))
    }),
    ("revoke_invitation", |s| {
        let permit = s.may(Invite)?;
        ended(block_on(s.door.revoke_invitation(permit, s.open)))
    }),
    ("settings_of_levels", |s| {
        let permit = s.may(Invite)?;
        read(block_on(s.door.levels(&permit)))?;
        read(block_on(s.door.profiles(&permit)))
    }),
];
