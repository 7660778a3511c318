//! Accounts and facts that the tests begin with.

use doorward_identity::{
    AccessEpoch, AccessKeys, Account, AccountClass, AccountEvent, Activation, AddressHolder,
    Authority, Blocklist, ContextWords, HashedPassword, MembershipFacts, MembershipStanding,
    NewTicket, OwnUserName, PasswordCheck, PasswordCost, PasswordMatch, PasswordPolicy,
    PinDigestInput, PinHash, Registration, TemporaryPassword, TemporaryPasswordHash,
    TemporaryPasswordLifetime, TypedPassword, UserNameRule,
};
use doorward_types::{
    AccountId, Channel, ClassName, DisplayName, EmailAddress, MembershipId, Purpose, Scope,
    TenantId, Token, TokenSecret, UserName, Window,
};
use secrecy::{ExposeSecret, SecretString};
use time::{Duration, OffsetDateTime, macros::datetime};

pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);
pub(crate) const OWN: &str = "correct horse battery staple";
pub(crate) const OTHER: &str = "seventeen paper lanterns";

pub(crate) fn cost() -> PasswordCost {
    PasswordCost::for_tests()
}

pub(crate) fn tenant(number: u8) -> TenantId {
    TenantId::made_at(NOW, [number; 10])
}

pub(crate) fn office() -> TenantId {
    tenant(1)
}

pub(crate) fn administrator() -> Authority {
    Authority::Administrator(office())
}

pub(crate) fn stranger() -> Authority {
    Authority::Administrator(tenant(2))
}

pub(crate) fn account_id(number: u8) -> AccountId {
    AccountId::made_at(NOW, [number; 10])
}

pub(crate) fn membership_id() -> MembershipId {
    MembershipId::made_at(NOW, [50; 10])
}

pub(crate) fn mail(text: &str) -> EmailAddress {
    EmailAddress::new(text).unwrap()
}

pub(crate) fn own_name(text: &str) -> OwnUserName {
    OwnUserName {
        tenant: office(),
        name: UserName::new(text).unwrap(),
    }
}

pub(crate) fn class_name(text: &str) -> ClassName {
    ClassName::new(text).unwrap()
}

/// HomeTrak: "Mobile app access only, requiring access keys".
pub(crate) fn standard() -> AccountClass {
    let channels = [Channel::Desktop, Channel::Mobile, Channel::Telephony];
    let activation = Activation::ByTemporaryPassword(TemporaryPasswordLifetime::default());
    AccountClass::new(class_name("standard"), channels, activation)
        .with_access_keys(AccessKeys::Required)
        .converting_to(class_name("identity"))
}

/// HomeTrak: "not requiring the entry of cloud access keys".
pub(crate) fn identity() -> AccountClass {
    AccountClass::new(class_name("identity"), Channel::ALL, Activation::ByMail)
        .with_user_name(UserNameRule::IsEmail)
}

pub(crate) fn contact() -> AccountClass {
    AccountClass::new(
        class_name("contact"),
        [Channel::Portal],
        Activation::AtAccept,
    )
    .with_temporary_password(TemporaryPasswordLifetime::default())
}

pub(crate) fn registration(user_name: Option<&str>) -> Registration {
    Registration {
        id: account_id(1),
        name: DisplayName::new("Ana Ruiz").unwrap(),
        address: mail("ana@example.org"),
        user_name: user_name.map(own_name),
        cell: None,
    }
}

/// An ALIS contact that accepted an invitation with the password [`OWN`].
pub(crate) fn active() -> Account {
    let registration = registration(Some("ana"));
    let changed =
        Account::register_at_accept(registration, &contact(), Some(office()), hashed(OWN), NOW);
    changed.unwrap().0
}

/// A HomeTrak identity that waits for its activation.
pub(crate) fn pending() -> Account {
    let registration = registration(Some("ana@example.org"));
    Account::register_pending(registration, &identity(), office(), NOW)
        .unwrap()
        .0
}

/// A HomeTrak identity that was activated by mail, with the password [`OWN`].
pub(crate) fn activated() -> Account {
    let (ticket, token) = ticket(&pending(), Purpose::Activation, 9);
    let account = pending()
        .issue_activation(administrator(), &identity(), ticket)
        .unwrap()
        .0;
    account
        .activate(&token, hashed(OWN), AddressHolder::Nobody, NOW)
        .unwrap()
        .0
}

/// A HomeTrak standard account that waits for its temporary password.
pub(crate) fn pending_standard() -> Account {
    let registration = registration(Some("ana"));
    Account::register_pending(registration, &standard(), office(), NOW)
        .unwrap()
        .0
}

pub(crate) fn hashed(text: &str) -> HashedPassword {
    let policy = PasswordPolicy::only_factor();
    let text = SecretString::from(text);
    let new = policy
        .check(&text, &ContextWords::default(), &Blocklist::empty())
        .unwrap();
    new.hash(cost(), [3; 16]).unwrap()
}

pub(crate) fn typed(text: &str) -> TypedPassword {
    TypedPassword::new(text.to_owned())
}

pub(crate) fn proof(account: &Account, text: &str) -> PasswordMatch {
    match account.verify_password(&typed(text), cost()) {
        PasswordCheck::Matches(proof) => proof,
        other => panic!("{other:?}"),
    }
}

/// Returns the next ticket of this purpose, good for a day, and the token that opens it.
pub(crate) fn ticket(account: &Account, purpose: Purpose, secret: u8) -> (NewTicket, Token) {
    let generation = account.next_generation(purpose);
    let token = Token {
        purpose,
        scope: Scope::Directory,
        record: account.id().as_uuid(),
        generation,
        secret: TokenSecret::new([secret; 32]),
    };
    let (digest, expires_at) = (token.secret.digest(), NOW + Duration::days(1));
    (
        NewTicket {
            generation,
            digest,
            expires_at,
        },
        token,
    )
}

/// Returns the next temporary password and its text.
pub(crate) fn temporary(account: &Account, bytes: u8) -> (TemporaryPasswordHash, String) {
    let made = TemporaryPassword::from_derived([bytes; 32]);
    let generation = account.next_generation(Purpose::TemporaryPassword);
    let text = made.to_text().expose_secret().to_owned();
    (made.hash(generation, cost(), [4; 16]).unwrap(), text)
}

pub(crate) const PIN_KEY: [u8; 8] = [7; 8];

pub(crate) fn pin(account: &Account, mac: u8) -> PinHash {
    let generation = account.next_generation(Purpose::TelephonyPin);
    PinDigestInput::new([mac; 32])
        .hash(PIN_KEY.into(), generation, cost(), [5; 16])
        .unwrap()
}

pub(crate) fn membership() -> MembershipFacts {
    MembershipFacts {
        id: membership_id(),
        tenant: office(),
        standing: MembershipStanding::Active,
        window: Window::since(NOW),
        access_epoch: AccessEpoch::from(1),
    }
}

pub(crate) fn kinds(events: &[AccountEvent]) -> Vec<&'static str> {
    events.iter().map(AccountEvent::kind).collect()
}
