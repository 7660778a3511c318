//! ALIS Connect on memory storage or another one, set up as a host would: the system's clock,
//! randomness and two hashing threads.

use std::sync::Arc;

use doorward::{
    Credential, Doorward, HashingThreads, Invite, Invited, Joined, NewInvitation, Permit,
    RegisterForm, Setup, SignedIn,
    identity::{PasswordCost, PasswordPolicy, Session},
    invitations::{Confirmed, Sworn},
    storage::FullStorage,
    types::{Channel, DisplayName, EmailAddress, KindName, Offer, RoleName, TenantId},
};
use doorward_examples::{alis_connect, world};
use doorward_memory::MemoryStorage;
use pollster::FutureExt as _;
use secrecy::SecretString;

/// The password of everybody.
pub const PASSWORD: &str = "nine green herons stand";

/// The running product.
#[derive(Debug)]
pub struct House<S = MemoryStorage> {
    /// Its use cases.
    pub door: Doorward,
    /// What they are stored in.
    pub storage: S,
}

/// One tenant of it.
#[derive(Clone, Debug)]
pub struct Community {
    /// The tenant.
    pub tenant: TenantId,
    /// Where its administrator signs in.
    pub administrator: EmailAddress,
}

impl House {
    /// Opens the product with the cost of a hash in a default set-up: OWASP's 19 MiB, two passes.
    ///
    /// # Panics
    /// Where the set-up of the example is unsound.
    #[must_use]
    pub fn open() -> Self {
        Self::on(MemoryStorage::new(), PasswordCost::owasp())
    }

    /// Opens the product with another cost of a hash.
    ///
    /// # Panics
    /// Where the set-up of the example is unsound.
    #[must_use]
    pub fn open_at(cost: PasswordCost) -> Self {
        Self::on(MemoryStorage::new(), cost)
    }
}

impl<S: FullStorage + Clone> House<S> {
    /// Opens the product on this storage, with the cost of a hash in a default set-up, for callers
    /// that may be blocked: each hashes on its own thread.
    ///
    /// # Panics
    /// Where the set-up of the example is unsound.
    #[must_use]
    pub fn for_blocking_callers(storage: S) -> Self {
        let setup = setup().with_hashing(HashingThreads::of_callers(2));
        Self {
            door: setup.open(Arc::new(storage.clone())),
            storage,
        }
    }

    /// Opens the product on this storage, with this cost of a hash.
    ///
    /// # Panics
    /// Where the set-up of the example is unsound.
    #[must_use]
    pub fn on(storage: S, cost: PasswordCost) -> Self {
        let setup = setup().with_passwords(PasswordPolicy::only_factor(), cost);
        Self {
            door: setup.open(Arc::new(storage.clone())),
            storage,
        }
    }

    /// Creates a community and lets its administrator in.
    ///
    /// # Panics
    /// Where one of that name was created before.
    #[must_use]
    pub fn community(&self, number: usize) -> Community {
        let administrator = format!("administrator{number:04}@maple.example");
        let new = alis_connect::community("Maple Grove", "Ana Ruiz", &administrator);
        let new = new.unwrap_or_else(|error| panic!("{error}"));
        let operator = self.door.operator();
        let created = self.door.create_tenant(&operator, new).block_on();
        let created = created.unwrap_or_else(|error| panic!("{error}"));
        let _ = self.accept_next();
        Community {
            tenant: created.tenant,
            administrator: address(&administrator),
        }
    }

    /// Lets somebody into a community: invited, and the invitation accepted.
    ///
    /// # Panics
    /// Where they are a member of it, or have an account.
    pub fn join(&self, permit: Permit<Invite>, to: &EmailAddress) -> Joined {
        self.invite(permit, invitation(to));
        self.accept_next()
    }

    /// Invites.
    ///
    /// # Panics
    /// Where the invitation is refused.
    pub fn invite(&self, permit: Permit<Invite>, form: NewInvitation) -> Invited {
        let invited = self.door.invite(permit, form).block_on();
        invited.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Signs the administrator of a community in.
    ///
    /// # Panics
    /// Where that is refused.
    #[must_use]
    pub fn administrator(&self, community: &Community) -> Session {
        self.session(community.tenant, &community.administrator)
    }

    /// Signs a member in.
    ///
    /// # Panics
    /// Where that is refused.
    #[must_use]
    pub fn session(&self, tenant: TenantId, address: &EmailAddress) -> Session {
        let name = address.original();
        let opened = self
            .door
            .sign_in(tenant, Channel::Portal, name, password(), None);
        match opened.block_on() {
            Ok(SignedIn::Session(session)) => session,
            other => panic!("`{name}` signs in: {other:?}"),
        }
    }

    /// Proves that an administrator may invite.
    ///
    /// # Panics
    /// Where they may not.
    #[must_use]
    pub fn permit(&self, administrator: &Session) -> Permit<Invite> {
        let permit = self.door.authorise(administrator, Invite).block_on();
        permit.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Accepts the one invitation that waits in the outbox, as a new person.
    fn accept_next(&self) -> Joined {
        let mails = world::post(&self.door).block_on();
        let mails = mails.unwrap_or_else(|error| panic!("{error}"));
        let [mail] = mails.as_slice() else {
            panic!("one mail is due, not {}", mails.len());
        };
        let link = world::link(mail).unwrap_or_else(|| panic!("the mail has a link"));
        let form = RegisterForm {
            name: DisplayName::new("Sam Staff").unwrap_or_else(|error| panic!("{error}")),
            password: SecretString::from(PASSWORD),
            agreed: [].into(),
        };
        let joined = self
            .door
            .accept_by_link(link, form, Confirmed::by_post(), None)
            .block_on();
        joined.unwrap_or_else(|error| panic!("{error}"))
    }
}

fn setup() -> Setup {
    let setup = alis_connect::setup(world::published_keys());
    setup.unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the right password, as it is typed.
#[must_use]
pub fn password() -> Credential {
    Credential::Password(SecretString::from(PASSWORD))
}

/// Returns an e-mail address.
///
/// # Panics
/// Where it is none.
#[must_use]
pub fn address(text: &str) -> EmailAddress {
    EmailAddress::new(text).unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

/// Returns what invites a caregiver.
///
/// # Panics
/// Never: the names are names.
#[must_use]
pub fn invitation(to: &EmailAddress) -> NewInvitation {
    let role = RoleName::new("caregiver").unwrap_or_else(|error| panic!("{error}"));
    NewInvitation {
        address: to.clone(),
        person: None,
        name: None,
        offer: Offer::of(staff()).with_role(role),
        sworn: Sworn::new(),
    }
}

/// Returns the kind of user that staff are.
///
/// # Panics
/// Never: the name is a name.
#[must_use]
pub fn staff() -> KindName {
    KindName::new("staff").unwrap_or_else(|error| panic!("{error}"))
}
