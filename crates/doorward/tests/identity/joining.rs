//! Joining a tenant: an account in several, whose sponsor or that goes itself meanwhile.

use doorward::{
    AcceptInvitationRejection, EditLevels, Error, Export, InvitationRef, Invite, ManageAccounts,
    ManageMembers, NewInvitation, OwnAccount, Reauthentication, ReportOptions, ViewAccess,
    YieldRejection,
    access::Reach,
    identity::{DisabledReason, Session},
    invitations::{AcceptRejection, Confirmed, Shortfall, Sworn},
    storage::{Kind, Limit, Range, Scope as StorageScope},
    types::{Channel, Levels, Offer, TenantId},
};

use crate::{
    addresses::asked,
    agency::{Agency, PASSWORD, block_on, email, kind, name},
};

/// Invites Ben as a caregiver.
fn invited(agency: &Agency, tenant: TenantId, by: &Session) -> InvitationRef {
    invite(agency, tenant, by, "ben@example.org")
}

fn invite(agency: &Agency, tenant: TenantId, by: &Session, address: &str) -> InvitationRef {
    let form = NewInvitation {
        address: email(address),
        person: None,
        name: None,
        offer: Offer::of(kind("caregiver")),
        sworn: Sworn::new(),
    };
    let permit = agency.permit(by, Invite);
    let invitation = block_on(agency.door.invite(permit, form)).unwrap();
    InvitationRef {
        tenant,
        invitation: invitation.invitation,
    }
}

pub(crate) fn ben(agency: &Agency) -> Session {
    agency
        .sign_in(Channel::Portal, "ben@example.org", PASSWORD)
        .unwrap()
}

/// Ben, whom no tenant manages any more: he joined a second one and was removed there.
pub(crate) fn with_ben() -> Agency {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let (hillside, hill) = agency.new_tenant("Hillside", "hill@example.org");
    let invitation = invited(&agency, hillside, &hill);
    let permit = agency.permit(&ben(&agency), OwnAccount);
    let joined = agency
        .door
        .accept_signed_in(permit, invitation, Confirmed::by_post());
    let joined = block_on(joined).unwrap();
    let remove = agency.permit(&hill, ManageMembers);
    block_on(agency.door.remove_member(remove, joined.membership)).unwrap();
    agency
}

/// Lets Ben accept the invitation to another tenant right before the next commit.
fn join_before_commit(agency: &Agency, invitation: InvitationRef) {
    let (other, permit) = (
        agency.second_process(),
        agency.permit(&ben(agency), OwnAccount),
    );
    agency.storage.before_commit(move || {
        let accept = other.accept_signed_in(permit, invitation, Confirmed::by_post());
        block_on(accept).unwrap();
    });
}

/// Design 6: "the other account closes if that was its last membership": a place that it takes at the
/// same moment is one more.
#[test]
fn an_account_that_joins_meanwhile_yields_nothing_and_stays() {
    let agency = with_ben();
    let (lakeside, lake) = agency.new_tenant("Lakeside", "lake@example.org");
    let (link, _) = asked(&agency, "lake@example.org");
    let invitation = invited(&agency, lakeside, &lake);
    join_before_commit(&agency, invitation);
    let permit = agency.permit(&lake, OwnAccount);
    let yielded = agency
        .door
        .yield_membership(permit, &link, Confirmed::by_post());
    let yielded = block_on(yielded);
    assert!(agency.storage.has_run());
    assert!(matches!(
        yielded,
        Err(Error::Rejected(YieldRejection::Several))
    ));
    let there = agency.sign_in_at(lakeside, Channel::Portal, "ben@example.org", PASSWORD);
    assert!(there.is_some());
}

/// An account is closed "with every membership it has", also with one that it takes meanwhile.
#[test]
fn an_account_that_joins_meanwhile_is_closed_with_that_membership() {
    let agency = with_ben();
    let (lakeside, lake) = agency.new_tenant("Lakeside", "lake@example.org");
    let invitation = invited(&agency, lakeside, &lake);
    let permit = agency.permit(&ben(&agency), OwnAccount);
    let close = agency
        .door
        .close_own_account(permit, Reauthentication::FreshSession);
    join_before_commit(&agency, invitation);
    block_on(close).unwrap();
    assert!(agency.storage.has_run());
    let permit = agency.permit(&lake, ViewAccess);
    let members = block_on(agency.door.members(&permit, None, Limit::MAX)).unwrap();
    assert_eq!(members.rows.len(), 1, "their administrator alone");
}

/// A report reads ids first: whoever a membership has gone to in the meantime is shown with it.
#[test]
fn a_report_shows_the_account_that_a_membership_was_yielded_to_meanwhile() {
    let agency = Agency::open();
    let ben_created = agency.identity("ben", "ben@example.org");
    let (_, hill) = agency.new_tenant("Hillside", "hill@example.org");
    let (link, _) = asked(&agency, "hill@example.org");
    let (other, permit) = (agency.second_process(), agency.permit(&hill, OwnAccount));
    let export = agency.admin(Export);
    let here = StorageScope::Tenant(export.tenant().as_uuid());
    let invitations = Range::kind(here, Kind::from_static("invitation"));
    agency.storage.before_scan(invitations, move || {
        let yielded = other.yield_membership(permit, &link, Confirmed::by_post());
        block_on(yielded).unwrap();
    });
    let mut lines = Vec::new();
    let report = agency
        .door
        .access_report_lines(&export, ReportOptions::default(), &mut lines);
    block_on(report).unwrap();
    assert!(agency.storage.has_run());
    let lines = String::from_utf8(lines).unwrap();
    let membership = ben_created.membership.to_string();
    let theirs: Vec<&str> = lines
        .lines()
        .filter(|line| line.contains(&membership))
        .collect();
    assert_eq!(theirs.len(), 1, "{lines}");
    assert!(theirs[0].contains("hill@example.org"), "{theirs:?}");
    assert!(!theirs[0].contains("ben@example.org"), "{theirs:?}");
}

/// Design 5: "if it no longer holds, `NeedsReissue`": whose account is disabled sponsors nobody,
/// whether they hold levels or need none.
#[test]
fn whoever_is_invited_from_a_disabled_account_waits_until_it_is_restored() {
    for is_bound_by_level in [false, true] {
        let agency = Agency::open();
        let levels = if is_bound_by_level {
            let all = ["view_calendar", "manage_users"];
            let held = all.map(|permission| (permission.parse().unwrap(), Reach::Any));
            let level = agency.door.create_level(
                agency.admin(EditLevels),
                name("Front desk"),
                held.into_iter().collect(),
            );
            Levels::from([block_on(level).unwrap()])
        } else {
            Levels::Unrestricted
        };
        let sponsor = agency.staff("sue@example.org", levels);
        let (_, hill) = agency.new_tenant("Hillside", "hill@example.org");
        let invitation = invite(&agency, agency.tenant, &sponsor, "hill@example.org");
        let accept = || {
            let permit = agency.permit(&hill, OwnAccount);
            let confirmed = Confirmed::by_post();
            block_on(agency.door.accept_signed_in(permit, invitation, confirmed))
        };
        let disable = agency.door.disable_account(
            agency.admin(ManageAccounts),
            sponsor.membership,
            DisabledReason::Administrator,
        );
        block_on(disable).unwrap();
        let refused = accept();
        assert!(
            matches!(
                refused,
                Err(Error::Rejected(AcceptInvitationRejection::Rule(
                    AcceptRejection::NeedsReissue(Shortfall::SponsorGone)
                )))
            ),
            "{refused:?}"
        );
        let permit = agency.admin(ManageAccounts);
        block_on(agency.door.restore_account(permit, sponsor.membership)).unwrap();
        accept().unwrap();
    }
}
