//! A membership that goes to the account which has verified the address.

use doorward_identity::{
    Account, Authority, OtherMemberships, Status, TicketRefusal, VerifiedEmail,
    account::YieldMembershipRejection,
};
use doorward_types::{Purpose, Token};

use crate::support::*;

/// Another account that has verified this address.
fn holder(address: &str) -> VerifiedEmail {
    let mut registration = registration(None);
    registration.id = account_id(2);
    registration.address = mail(address);
    let holder = Account::register_at_accept(registration, &contact(), None, hashed(OTHER), NOW);
    holder.unwrap().0.verified_email().unwrap()
}

fn mailed() -> (Account, Token) {
    let (ticket, token) = ticket(&pending(), Purpose::Activation, 1);
    (
        pending()
            .issue_activation(administrator(), &identity(), ticket)
            .unwrap()
            .0,
        token,
    )
}

/// Design 6: "moves the membership to the signed-in account in one commit; the other account closes
/// if that was its last membership".
#[test]
fn the_membership_goes_over_and_an_account_without_another_closes() {
    let yielded = |others| {
        let (account, token) = mailed();
        let to = holder("ana@example.org");
        account
            .yield_membership(&token, &to, membership_id(), others, NOW)
            .unwrap()
    };
    let (account, events) = yielded(OtherMemberships::None);
    assert_eq!(kinds(&events), ["membership_yielded", "account_closed"]);
    assert_eq!(account.status(), Status::Closed);
    let (account, events) = yielded(OtherMemberships::Some);
    assert_eq!(kinds(&events), ["membership_yielded"]);
    assert_eq!(account.status(), Status::Pending);
}

#[test]
fn a_change_of_address_leads_there_as_well() {
    let (proof, token) = ticket(&active(), Purpose::AddressProof, 1);
    let (stop, _) = ticket(&active(), Purpose::AddressStop, 2);
    let new = mail("new@example.org");
    let account = active()
        .request_address_change(Authority::Person, new, proof, stop, NOW)
        .unwrap()
        .0;
    let to = holder("new@example.org");
    let others = OtherMemberships::Some;
    let account = account
        .yield_membership(&token, &to, membership_id(), others, NOW)
        .unwrap()
        .0;
    assert!(account.address_change().is_none());
    assert_eq!(
        account.address().unwrap().as_email(),
        &mail("ana@example.org")
    );
}

#[test]
fn the_holder_of_another_address_gets_nothing() {
    let (account, token) = mailed();
    let to = holder("bob@example.org");
    let others = OtherMemberships::None;
    let refused = account.yield_membership(&token, &to, membership_id(), others, NOW);
    assert_eq!(refused.unwrap_err(), YieldMembershipRejection::OtherAddress);
}

#[test]
fn no_other_link_yields_anything() {
    let (reset, token) = ticket(&active(), Purpose::PasswordReset, 1);
    let account = active().issue_reset(reset).unwrap().0;
    let to = holder("ana@example.org");
    let others = OtherMemberships::None;
    let refused = account.yield_membership(&token, &to, membership_id(), others, NOW);
    let unusable = YieldMembershipRejection::Ticket(TicketRefusal::Unusable);
    assert_eq!(refused.unwrap_err(), unusable);
}
