//! Random commands against a plain model.

use doorward_identity::{
    Account, AddressHolder, Authority, Claim, DisabledReason, Handover, PasswordCheck, Status,
    Telephony, account_claims,
};
use doorward_types::{Note, Principal, Purpose, Token};
use proptest::prelude::*;
use time::{Duration, OffsetDateTime};

use crate::support::*;

#[derive(Clone, Copy, Debug)]
enum Command {
    Activate,
    Advance(u32),
    ChangePassword,
    Close,
    Convert,
    Disable,
    Edit(u8),
    Erase,
    IssueActivation,
    IssuePin,
    IssueReset,
    IssueTemporary,
    JoinTenant(u8),
    ProveAddress,
    ProveOwnership,
    Redeem,
    ReplaceAddress(u8),
    RequestAddress(u8),
    ResetPassword,
    Restore,
    SetNewPassword,
    StopAddress,
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        1 => Just(Command::Activate),
        1 => (1_u32..40).prop_map(Command::Advance),
        1 => Just(Command::ChangePassword),
        1 => Just(Command::Close),
        1 => Just(Command::Convert),
        1 => Just(Command::Disable),
        1 => (0_u8..3).prop_map(Command::Edit),
        1 => Just(Command::Erase),
        3 => Just(Command::IssueActivation),
        1 => Just(Command::IssuePin),
        2 => Just(Command::IssueReset),
        2 => Just(Command::IssueTemporary),
        1 => (1_u8..4).prop_map(Command::JoinTenant),
        2 => Just(Command::ProveAddress),
        1 => Just(Command::ProveOwnership),
        2 => Just(Command::Redeem),
        1 => (0_u8..3).prop_map(Command::ReplaceAddress),
        2 => (0_u8..3).prop_map(Command::RequestAddress),
        2 => Just(Command::ResetPassword),
        2 => Just(Command::Restore),
        2 => Just(Command::SetNewPassword),
        1 => Just(Command::StopAddress),
    ]
}

/// What a person, an administrator and a clock do to one account.
struct World {
    account: Account,
    now: OffsetDateTime,
    serial: u8,
    /// Every token ever mailed, newest last.
    tokens: Vec<Token>,
    temporary: Option<String>,
    password: &'static str,
    /// Passwords that were replaced.
    events: Vec<&'static str>,
}

impl World {
    fn new(start: u8) -> Self {
        let account = match start {
            0 => pending(),
            1 => pending_standard(),
            2 => active(),
            _ => activated(),
        };
        let (tokens, events) = (Vec::new(), Vec::new());
        Self {
            account,
            now: NOW,
            serial: 0,
            tokens,
            temporary: None,
            password: OWN,
            events,
        }
    }

    fn class(&self) -> doorward_identity::AccountClass {
        let classes = [standard(), identity(), contact()];
        let class = classes
            .into_iter()
            .find(|class| self.account.class() == Some(class.name()));
        class.unwrap_or_else(identity)
    }

    fn mint(&mut self, purpose: Purpose) -> doorward_identity::NewTicket {
        self.serial = self.serial.wrapping_add(1);
        let (ticket, token) = ticket(&self.account, purpose, self.serial);
        self.tokens.push(token);
        doorward_identity::NewTicket {
            expires_at: self.now + Duration::days(1),
            ..ticket
        }
    }

    fn newest(&self, purpose: Purpose) -> Option<&Token> {
        self.tokens
            .iter()
            .rev()
            .find(|token| token.purpose == purpose)
    }

    /// Runs one command; answers whether it was accepted.
    fn run(&mut self, command: Command) -> bool {
        let (account, class, now) = (self.account.clone(), self.class(), self.now);
        let system = Authority::System;
        let outcome = match command {
            Command::Advance(hours) => {
                self.now += Duration::hours(i64::from(hours));
                return true;
            }
            Command::Activate => self.newest(Purpose::Activation).and_then(|token| {
                account
                    .activate(token, hashed(OWN), AddressHolder::Nobody, now)
                    .ok()
            }),
            Command::ChangePassword => {
                let check = account.verify_password(&typed(self.password), cost());
                let other = if self.password == OWN { OTHER } else { OWN };
                match check {
                    PasswordCheck::Matches(proof) => {
                        let changed = account.change_password(&proof, hashed(other), now).ok();
                        if changed.is_some() {
                            self.password = other;
                        }
                        changed
                    }
                    _ => None,
                }
            }
            Command::Close => account.close(system, now).ok(),
            Command::Convert => account.convert(system, &class, &identity()).ok(),
            Command::Disable => {
                let reason = DisabledReason::Administrator;
                account.disable(system, reason, Principal::System, now).ok()
            }
            Command::Edit(number) => {
                let name = doorward_types::DisplayName::new(&format!("Ana {number}")).unwrap();
                account
                    .edit_details(system, name, None, Note::default())
                    .ok()
            }
            Command::Erase => account.erase(now).ok(),
            Command::IssueActivation => {
                let ticket = self.mint(Purpose::Activation);
                account.issue_activation(system, &class, ticket).ok()
            }
            Command::IssuePin => {
                let hash = pin(&account, 1);
                account
                    .issue_pin(system, &class, Telephony::Offered, hash, now)
                    .ok()
            }
            Command::IssueReset => {
                let ticket = self.mint(Purpose::PasswordReset);
                account.issue_reset(ticket).ok()
            }
            Command::IssueTemporary => {
                self.serial = self.serial.wrapping_add(1);
                let (hash, text) = temporary(&account, self.serial);
                let handover = Handover::Mailed;
                let issued = account
                    .issue_temporary_password(system, &class, hash, handover, now)
                    .ok();
                if issued.is_some() {
                    self.temporary = Some(text);
                }
                issued
            }
            Command::JoinTenant(number) => Some(account.join_tenant(tenant(number))),
            Command::ProveAddress => self.newest(Purpose::AddressProof).and_then(|token| {
                account
                    .prove_address(token, AddressHolder::Nobody, now)
                    .ok()
            }),
            Command::ProveOwnership => account.prove_ownership(hashed(OWN), now).ok(),
            Command::Redeem => {
                let text = self.temporary.clone().unwrap_or_default();
                match account.verify_password(&typed(&text), cost()) {
                    PasswordCheck::Matches(proof) => {
                        let new = self.mint(Purpose::NewPassword);
                        let (generation, digest) = (new.generation, new.digest);
                        account
                            .redeem_temporary_password(&proof, generation, digest, now)
                            .ok()
                    }
                    _ => None,
                }
            }
            Command::ReplaceAddress(number) => account
                .replace_address(system, mail(&format!("r{number}@example.org")))
                .ok(),
            Command::RequestAddress(number) => {
                let (proof, stop) = (
                    self.mint(Purpose::AddressProof),
                    self.mint(Purpose::AddressStop),
                );
                let new = mail(&format!("n{number}@example.org"));
                account
                    .request_address_change(system, new, proof, stop, now)
                    .ok()
            }
            Command::ResetPassword => self
                .newest(Purpose::PasswordReset)
                .and_then(|token| account.reset_password(token, hashed(OWN), now).ok()),
            Command::Restore => account.restore(system).ok(),
            Command::SetNewPassword => self
                .newest(Purpose::NewPassword)
                .and_then(|token| account.set_new_password(token, hashed(OWN), now).ok()),
            Command::StopAddress => self
                .newest(Purpose::AddressStop)
                .and_then(|token| account.stop_address_change(token, now).ok()),
        };
        let Some((account, events)) = outcome else {
            return false;
        };
        self.account = account;
        self.events = kinds(&events);
        true
    }
}

/// The status machine, written a second time.
fn expected(before: Status, command: Command, events: &[&str]) -> Status {
    let activates = events.contains(&"account_activated");
    match (before, command) {
        (Status::Pending | Status::Active, Command::Disable) => Status::Disabled,
        (Status::Pending | Status::Active | Status::Disabled, Command::Close) => Status::Closed,
        (Status::Closed, Command::Erase) => Status::Erased,
        (Status::Active, Command::Convert) => Status::Pending,
        (Status::Pending, _) if activates => Status::Active,
        (other, _) => other,
    }
}

/// Which accepted commands raise the epoch (design 6): "on credential, address or recovery change,
/// disabling, closing; never on failures".
fn raises(command: Command, was_undoing: bool) -> bool {
    match command {
        Command::Activate
        | Command::ChangePassword
        | Command::Close
        | Command::Convert
        | Command::Disable
        | Command::IssuePin
        | Command::IssueTemporary
        | Command::ProveAddress
        | Command::ProveOwnership
        | Command::ReplaceAddress(_)
        | Command::ResetPassword
        | Command::SetNewPassword => true,
        Command::StopAddress => was_undoing,
        Command::Advance(_)
        | Command::Edit(_)
        | Command::Erase
        | Command::IssueActivation
        | Command::IssueReset
        | Command::JoinTenant(_)
        | Command::Redeem
        | Command::RequestAddress(_)
        | Command::Restore => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_commands_leaves_the_rules(
        start in 0_u8..4,
        commands in prop::collection::vec(command(), 1..40),
    ) {
        let mut world = World::new(start);
        for command in commands {
            let before = world.account.clone();
            let was_restored_to = before.status();
            let accepted = world.run(command);
            let after = &world.account;
            if !accepted {
                prop_assert_eq!(&before, after);
                continue;
            }
            if !matches!(command, Command::Advance(_)) && before != *after {
                prop_assert!(!world.events.is_empty(), "{:?} left no event", command);
            }
            match (was_restored_to, command) {
                (Status::Disabled, Command::Restore) => {
                    prop_assert!(matches!(after.status(), Status::Pending | Status::Active));
                }
                _ => prop_assert_eq!(
                    after.status(), expected(before.status(), command, &world.events)
                ),
            }
            let (old, new) = (before.security_epoch(), after.security_epoch());
            let rose = raises(command, before.address_change().is_some());
            prop_assert_eq!(new > old, rose, "{:?}", command);
            prop_assert!(new >= old);

            let json = serde_json::to_string(after).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Account>(&json).unwrap(), after);
            if !after.is_open() {
                prop_assert!(!json.contains("argon2"), "a credential outlived closing");
                prop_assert!(account_claims(after).is_empty());
            }
            let verified = after.address().and_then(|address| address.verified());
            let claimed = account_claims(after);
            let own = verified.map(|address| Claim::VerifiedAddress(address.clone()));
            prop_assert_eq!(
                own.is_some_and(|own| claimed.contains(&own)),
                verified.is_some() && after.is_open()
            );
            let names = claimed.iter().filter(|claim| matches!(claim, Claim::UserName { .. }));
            prop_assert!(names.count() <= 1);
            prop_assert!(
                after.verified_email().is_none() || after.status() == Status::Active
            );
        }
    }

    /// ASVS 6.5.1: a mailed code succeeds once.
    #[test]
    fn no_token_opens_anything_twice(
        start in 0_u8..4,
        commands in prop::collection::vec(command(), 1..40),
    ) {
        let mut world = World::new(start);
        let mut used = Vec::new();
        for command in commands {
            let purpose = match command {
                Command::Activate => Some(Purpose::Activation),
                Command::ProveAddress => Some(Purpose::AddressProof),
                Command::ResetPassword => Some(Purpose::PasswordReset),
                Command::SetNewPassword => Some(Purpose::NewPassword),
                Command::StopAddress => Some(Purpose::AddressStop),
                _ => None,
            };
            let generation = purpose
                .and_then(|purpose| world.newest(purpose))
                .map(|token| (token.purpose, token.generation));
            if world.run(command) && let Some(token) = generation {
                prop_assert!(!used.contains(&token), "{:?} again", token);
                used.push(token);
            }
        }
    }

    /// Whoever holds a proof, a session or a link from before a rise of the epoch holds nothing.
    #[test]
    fn a_rise_of_the_epoch_ends_every_older_reset_link(
        commands in prop::collection::vec(command(), 1..20),
    ) {
        let mut world = World::new(2);
        let ticket = world.mint(Purpose::PasswordReset);
        let (account, _) = world.account.clone().issue_reset(ticket).unwrap();
        let (token, epoch) = (world.tokens.pop().unwrap(), account.security_epoch());
        world.account = account;
        for command in commands {
            world.run(command);
        }
        let answer = world.account.clone().reset_password(&token, hashed(OTHER), NOW);
        if world.account.security_epoch() != epoch {
            prop_assert!(answer.is_err());
        }
    }
}
