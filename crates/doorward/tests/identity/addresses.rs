//! Changes of address: proved by the new one, stopped by the old one.

use doorward::{
    AddressChangeRejection, AddressOutcome, Error, Invite, LinkRefusal, ManageAccounts,
    NewInvitation, OwnAccount, ProposeAddressRejection, ProveAddressRejection, Reauthentication,
    ReauthenticationRefusal, ResetCredentials,
    identity::{TicketRefusal, account::RequestAddressChangeRejection},
    invitations::{Confirmed, Sworn},
    storage::Limit,
    types::{Channel, MembershipId, Offer},
};
use time::Duration;

use crate::agency::{Agency, NOW, OTHER, PASSWORD, block_on, email, kind, secret, user_name};

/// Asks for another address as Ben, and returns the links that went to the new and the old one.
pub(crate) fn asked(agency: &Agency, new: &str) -> (String, String) {
    let session = agency
        .sign_in(Channel::Portal, "ben@example.org", PASSWORD)
        .unwrap();
    agency.mails();
    let permit = agency.permit(&session, OwnAccount);
    let proof = Reauthentication::Password(secret(PASSWORD));
    let asked = agency
        .door
        .request_address_change(permit, proof, email(new));
    let asked = block_on(asked).unwrap();
    assert_eq!(
        asked.stoppable_until - agency.door.now(),
        Duration::hours(72)
    );
    let mails = agency.mails();
    let link = |to: &str| mails.iter().rfind(|mail| mail.to == to).unwrap().link();
    (link(new), link("ben@example.org"))
}

fn prove(agency: &Agency, link: &str) -> Result<(), Error<ProveAddressRejection>> {
    block_on(agency.door.prove_address(link, Confirmed::by_post(), None))
}

fn stop(agency: &Agency, link: &str) -> Result<(), Error<LinkRefusal>> {
    block_on(
        agency
            .door
            .stop_address_change(link, Confirmed::by_post(), None),
    )
}

fn signs_in(agency: &Agency, address: &str) -> bool {
    agency.sign_in(Channel::Portal, address, PASSWORD).is_some()
}

/// Design 6: "the new address proves itself ... before it signs in, receives resets or matches
/// invitations".
#[test]
fn the_old_address_stands_until_the_new_one_has_proved_itself() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let (proof, _) = asked(&agency, "benno@example.org");
    assert!(signs_in(&agency, "ben@example.org"));
    assert!(!signs_in(&agency, "benno@example.org"));
    prove(&agency, &proof).unwrap();
    assert!(signs_in(&agency, "benno@example.org"));
    let told = agency.mail_to("ben@example.org");
    assert!(
        told.subject.ends_with("Your e-mail address was changed"),
        "{told:?}"
    );
    assert!(prove(&agency, &proof).is_err(), "once");
}

/// Design 6: "tokens to the old one die at the request".
#[test]
fn a_reset_mailed_to_the_old_address_is_over_at_the_request() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let permit = agency.admin(ResetCredentials);
    block_on(agency.door.send_reset(permit, ben.membership)).unwrap();
    let reset = agency.mail_to("ben@example.org").link();
    asked(&agency, "benno@example.org");
    assert!(block_on(agency.door.reset_password(&reset, &secret(OTHER), None)).is_err());
}

/// Design 6: "the old one is told and can stop it for 72 h".
#[test]
fn the_old_address_stops_a_change_before_and_after_the_proof() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let (proof, stopping) = asked(&agency, "thief@example.org");
    stop(&agency, &stopping).unwrap();
    assert!(prove(&agency, &proof).is_err(), "it was dropped");
    assert!(signs_in(&agency, "ben@example.org"));

    let (proof, stopping) = asked(&agency, "thief@example.org");
    prove(&agency, &proof).unwrap();
    let thief = agency
        .sign_in(Channel::Portal, "thief@example.org", PASSWORD)
        .unwrap();
    agency.pass(Duration::hours(72) - Duration::MICROSECOND);
    stop(&agency, &stopping).unwrap();
    assert!(!agency.is_live(&thief), "whoever asked may be a thief");
    assert!(signs_in(&agency, "ben@example.org"));
    assert!(!signs_in(&agency, "thief@example.org"));
    assert!(stop(&agency, &stopping).is_err(), "once");
}

/// Design 9.1: exactly at the end is refused; the sweep gives the old address free then.
#[test]
fn after_72_hours_the_change_stands() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let (proof, stopping) = asked(&agency, "benno@example.org");
    prove(&agency, &proof).unwrap();
    agency.pass(Duration::hours(72));
    match stop(&agency, &stopping) {
        Err(Error::Rejected(refusal)) => {
            assert_eq!(refusal, LinkRefusal::Ticket(TicketRefusal::Expired));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(
        block_on(agency.door.sweep(agency.door.now()))
            .unwrap()
            .address_count,
        1
    );
    agency.identity("another", "ben@example.org");
}

/// ASVS 7.5.1: who changes the address proves again who they are.
#[test]
fn an_old_session_alone_does_not_change_the_address() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    let session = agency
        .sign_in(Channel::Portal, "ben@example.org", PASSWORD)
        .unwrap();
    let ask = |proof| {
        let permit = agency.permit(&session, OwnAccount);
        let new = email("benno@example.org");
        block_on(agency.door.request_address_change(permit, proof, new))
    };
    agency.pass(Duration::minutes(10));
    assert!(matches!(
        ask(Reauthentication::FreshSession),
        Err(Error::Rejected(AddressChangeRejection::Reauthentication(
            ReauthenticationRefusal::NotFresh
        )))
    ));
    assert!(matches!(
        ask(Reauthentication::Password(secret(OTHER))),
        Err(Error::Rejected(AddressChangeRejection::Reauthentication(
            ReauthenticationRefusal::Password(_)
        )))
    ));
    ask(Reauthentication::Password(secret(PASSWORD))).unwrap();
}

/// Where another account has proved the address, its link leads to signing in there.
#[test]
fn an_address_that_another_account_has_proved_is_not_taken_from_it() {
    let agency = Agency::open();
    agency.identity("ben", "ben@example.org");
    agency.new_tenant("Hillside", "hill@example.org");
    // Asking tells nothing.
    let (proof, _) = asked(&agency, "hill@example.org");
    assert!(matches!(
        prove(&agency, &proof),
        Err(Error::Rejected(ProveAddressRejection::SignIn))
    ));
}

/// The same holds of a change of address: the membership goes along, and an account that has no
/// other closes.
#[test]
fn an_account_yields_to_the_one_whose_address_it_asked_for() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let (_, hill) = agency.new_tenant("Hillside", "hill@example.org");
    let before = agency
        .sign_in(Channel::Portal, "ben@example.org", PASSWORD)
        .unwrap();
    let (proof, stopping) = asked(&agency, "hill@example.org");
    let permit = agency.permit(&hill, OwnAccount);
    let joined = agency
        .door
        .yield_membership(permit, &proof, Confirmed::by_post());
    assert_eq!(block_on(joined).unwrap().membership, ben.membership);
    assert!(!agency.is_live(&before));
    assert!(!signs_in(&agency, "ben@example.org"));
    assert!(signs_in(&agency, "hill@example.org"));
    assert!(stop(&agency, &stopping).is_err(), "the account is closed");
}

fn propose(
    agency: &Agency,
    membership: MembershipId,
    new: &str,
) -> Result<AddressOutcome, Error<ProposeAddressRejection>> {
    let permit = agency.admin(ManageAccounts);
    block_on(agency.door.propose_address(permit, membership, email(new)))
}

/// ALIS: "Update the contact's Username or associated Connect Email".
#[test]
fn an_administrator_replaces_an_address_that_nobody_has_proved() {
    let agency = Agency::open();
    let ben = agency.account("identity", "ben", "bne@example.org");
    let typo = agency.mail_to("bne@example.org").link();
    let outcome = propose(&agency, ben.membership, "ben@example.org").unwrap();
    assert_eq!(outcome, AddressOutcome::Replaced);
    assert!(block_on(agency.door.activate(&typo, &secret(PASSWORD), None)).is_err());
    let link = agency.mail_to("ben@example.org").link();
    block_on(agency.door.activate(&link, &secret(PASSWORD), None)).unwrap();
    assert!(signs_in(&agency, "ben@example.org"));
}

/// A proved one stands until the new one has proved itself, whoever asks.
#[test]
fn an_administrators_change_of_a_proved_address_waits_for_the_proof() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    agency.identity("cleo", "cleo@example.org");
    assert!(matches!(
        propose(&agency, ben.membership, "cleo@example.org"),
        Err(Error::Rejected(ProposeAddressRejection::AddressTaken))
    ));
    let outcome = propose(&agency, ben.membership, "benno@example.org").unwrap();
    assert!(matches!(outcome, AddressOutcome::Asked(_)));
    assert!(signs_in(&agency, "ben@example.org"));
    let mails = agency.mails();
    assert_eq!(mails.len(), 2, "both addresses are told");
    let proof = mails.iter().find(|mail| mail.to == "benno@example.org");
    prove(&agency, &proof.unwrap().link()).unwrap();
    assert!(signs_in(&agency, "benno@example.org"));
    assert!(matches!(
        propose(&agency, ben.membership, "third@example.org"),
        Err(Error::Rejected(ProposeAddressRejection::Request(
            RequestAddressChangeRejection::Stoppable { .. }
        )))
    ));
}

/// Design 6: a user name is unique in its tenant, also one that follows its address: whoever reads the
/// new address is told, and the link stays good.
#[test]
fn an_address_that_is_anothers_user_name_is_proved_once_that_one_is_renamed() {
    let agency = Agency::open();
    let ben = agency.identity("ben", "ben@example.org");
    let rename = |membership, to: &str| {
        let permit = agency.admin(ManageAccounts);
        let to = Some(user_name(to));
        block_on(agency.door.rename_account(permit, membership, to)).unwrap();
    };
    rename(ben.membership, "ben@example.org");
    let (proof, _) = asked(&agency, "ana@example.org");
    // Nobody has proved that address, so an account here may have it, and be called like it.
    let ana = agency.account("standard", "ana@example.org", "ana@example.org");
    assert!(matches!(
        prove(&agency, &proof),
        Err(Error::Rejected(ProveAddressRejection::UserNameTaken))
    ));
    assert!(signs_in(&agency, "ben@example.org"));
    rename(ana.membership, "ana");
    prove(&agency, &proof).unwrap();
    assert!(signs_in(&agency, "ana@example.org"));
}

/// The same of an address that an administrator enters: they see which name it is.
#[test]
fn an_administrator_enters_no_address_that_is_anothers_user_name() {
    let agency = Agency::open();
    agency.account("standard", "ana@example.org", "ana@example.org");
    let unproved = agency.account("standard", "ben@example.org", "ben@example.org");
    let proved = agency.identity("cleo", "cleo@example.org");
    let permit = agency.admin(ManageAccounts);
    let own = Some(user_name("cleo@example.org"));
    block_on(agency.door.rename_account(permit, proved.membership, own)).unwrap();
    for member in [unproved, proved] {
        assert!(matches!(
            propose(&agency, member.membership, "ana@example.org"),
            Err(Error::Rejected(ProposeAddressRejection::UserNameTaken))
        ));
    }
}

/// Design 6: for any other account an administrator may "propose a change that the person confirms".
#[test]
fn the_person_of_an_account_of_their_own_answers_a_proposal() {
    let agency = Agency::open();
    let (_, hill) = agency.new_tenant("Hillside", "hill@example.org");
    // Somebody whose account another tenant made joins here.
    let invitation = NewInvitation {
        address: email("hill@example.org"),
        person: None,
        name: None,
        offer: Offer::of(kind("caregiver")),
        sworn: Sworn::default(),
    };
    let invited = block_on(agency.door.invite(agency.admin(Invite), invitation)).unwrap();
    let accepted = agency.door.accept_signed_in(
        agency.permit(&hill, OwnAccount),
        doorward::InvitationRef {
            tenant: agency.tenant,
            invitation: invited.invitation,
        },
        Confirmed::by_post(),
    );
    let joined = block_on(accepted).unwrap();
    agency.mails();
    let outcome = propose(&agency, joined.membership, "new@example.org").unwrap();
    let until = NOW + Duration::days(7);
    assert_eq!(outcome, AddressOutcome::Proposed { until });
    assert!(!agency.mail_to("hill@example.org").text.contains("dw1_"));
    let here = agency
        .sign_in(Channel::Portal, "hill@example.org", PASSWORD)
        .unwrap();
    let permit = agency.permit(&here, OwnAccount);
    let proposal = block_on(agency.door.address_proposal(&permit)).unwrap();
    assert_eq!(proposal.unwrap().new, email("new@example.org"));
    block_on(agency.door.refuse_address_proposal(permit)).unwrap();
    let accept = || {
        let permit = agency.permit(&here, OwnAccount);
        let proof = Reauthentication::FreshSession;
        block_on(agency.door.accept_address_proposal(permit, proof))
    };
    assert!(matches!(
        accept(),
        Err(Error::Rejected(AddressChangeRejection::NoProposal))
    ));
    propose(&agency, joined.membership, "new@example.org").unwrap();
    agency.mails();
    accept().unwrap();
    let proof = agency.mail_to("new@example.org").link();
    prove(&agency, &proof).unwrap();
    assert!(signs_in(&agency, "new@example.org"));
}

/// A proposal that nobody answers is forgotten: it holds an address.
#[test]
fn an_unanswered_proposal_is_forgotten() {
    let agency = Agency::open();
    let (_, hill) = agency.new_tenant("Hillside", "hill@example.org");
    let ben = agency.identity("ben", "ben@example.org");
    let invitation = NewInvitation {
        address: email("ben@example.org"),
        person: None,
        name: None,
        offer: Offer::of(kind("caregiver")),
        sworn: Sworn::default(),
    };
    let permit = agency.permit(&hill, Invite);
    let invited = block_on(agency.door.invite(permit, invitation)).unwrap();
    let session = agency
        .sign_in(Channel::Portal, "ben@example.org", PASSWORD)
        .unwrap();
    let accepted = agency.door.accept_signed_in(
        agency.permit(&session, OwnAccount),
        doorward::InvitationRef {
            tenant: hill.tenant,
            invitation: invited.invitation,
        },
        Confirmed::by_post(),
    );
    block_on(accepted).unwrap();
    propose(&agency, ben.membership, "elsewhere@example.org").unwrap();
    assert!(agency.is_stored("elsewhere@example.org"));
    let forget = || {
        let now = agency.door.now();
        block_on(agency.door.forget_address_proposals(now, Limit::MAX)).unwrap()
    };
    agency.pass(Duration::days(7) - Duration::MICROSECOND);
    assert_eq!(forget(), 0);
    agency.pass(Duration::MICROSECOND);
    assert_eq!(forget(), 1);
}
