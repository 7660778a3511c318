//! S6: what each answers to the same questions. Each answer is asserted.

use std::sync::Arc;

use doorward::{
    AcceptInvitationRejection, Credential, Doorward, Error, Invite, InviteRejection, Joined,
    ManageAccounts, ManageMembers, NewInvitation, OwnAccount, RegisterForm, SignedIn,
    identity::{DisabledReason, PasswordCost, PasswordPolicy, Session},
    invitations::{AcceptRejection, Confirmed, IssueRejection, Shortfall, TokenRefusal},
    types::{Channel, DisplayName, EmailAddress, InvitationId, Offer, RoleName, TenantId},
};
use doorward_benches::{
    house::{PASSWORD, address, invitation, password, staff},
    invitees::{folder, opened},
};
use doorward_examples::{
    alis_connect,
    world::{self, HandClock},
};
use doorward_sqlite::{SqliteOptions, SqliteStorage};
use pollster::FutureExt as _;
use secrecy::SecretString;
use time::{Duration, OffsetDateTime};

use crate::table::{Row, Table, Verdict};

const OTHER_PASSWORD: &str = "eight grey herons stood";

/// Asks every question.
pub fn ask(table: &mut Table) {
    let mut yes = |name, met, ours: &str, bar, peers| {
        let (ours, verdict) = (ours.to_owned(), Verdict::of(met));
        table.fact(Row {
            name,
            ours,
            bar,
            verdict,
            peers,
        });
    };
    yes(
        "S6 resend leaves the old link valid?",
        resend_ends_the_old_link(),
        "no: \"a newer mail was sent\"",
        "no",
        "BA yes, DO both live, DI yes",
    );
    yes(
        "S6 token at rest",
        no_token_at_rest(),
        "SHA-256; the text is in no byte of database or log, queued or mailed",
        "hash",
        "BA, DO, DI in clear; TW SHA-256",
    );
    yes(
        "S6 letter-case twin of a pending address",
        twin_of_a_pending_address(),
        "refused, one pending",
        "one pending",
        "TW allowed, DO duplicates anyway, BA refused",
    );
    yes(
        "S6 letter-case twin of an account",
        twin_of_an_account(),
        "refused: sign in to accept",
        "refused",
        "DO and DI allowed, BA refused",
    );
    yes(
        "S6 GET consumes the link?",
        looking_consumes_nothing(),
        "no: read three times, accepted after",
        "no",
        "DI yes, HEAD too, by anybody",
    );
    yes(
        "S6 who can accept?",
        only_the_invited_address(),
        "the invited address, verified; another account is refused and it stays open",
        "the invited address, verified",
        "TW any user id, DO any signed-in user, DI anybody with the link",
    );
    yes(
        "S6 inviter grants more than they hold?",
        no_more_than_is_held(),
        "no, over the whole set",
        "no, over the whole set",
        "BA a scheduler invited an admin; DO first to join becomes owner",
    );
    yes(
        "S6 role gone from the configuration while pending",
        role_that_is_gone(),
        "refused at accept: to be issued anew",
        "refused at accept",
        "BA accepted, keeps the unknown role; TW read as Member, silently",
    );
    yes(
        "S6 inviter removed while pending",
        sponsor_who_is_gone(),
        "NeedsReissue; it stays open, to be adopted",
        "NeedsReissue",
        "BA, TW, DO accept",
    );
    yes(
        "S6 expired: accept / blocks a new one?",
        expired(),
        "\"expired at\" / no",
        "typed / no",
        "BA \"not found\" / no; DO never expires; DI 410 / HTTP 500",
    );
    yes(
        "S6 does reset activate a disabled account?",
        reset_of_a_disabled_account(),
        "no, and no mail",
        "no",
        "BA no, but mails a banned user; DO an older token stays usable",
    );
    yes(
        "S6 sessions ended on disable?",
        sessions_end_on_disable(),
        "yes, and restoring revives none",
        "yes, for good",
        "DO and DI: re-enabling revives the old session",
    );
    yes(
        "S6 sessions ended on password reset?",
        sessions_end_on_reset(),
        "yes",
        "yes",
        "BA not by default",
    );
}

/// A community in a file, on a clock moved by hand.
struct World {
    folder: tempfile::TempDir,
    clock: HandClock,
    door: Doorward,
    tenant: TenantId,
    administrator: Session,
}

impl World {
    fn open() -> Self {
        let folder = folder();
        let clock = HandClock::at(OffsetDateTime::now_utc());
        let storage = opened(SqliteOptions::new(folder.path().join("s6.db")));
        let door = door(storage, &clock, |catalog| catalog);
        let new = alis_connect::community("Maple Grove", "Ana Ruiz", "ana@maple.example");
        let new = new.unwrap_or_else(|error| panic!("{error}"));
        let created = door.create_tenant(&door.operator(), new).block_on();
        let tenant = created.unwrap_or_else(|error| panic!("{error}")).tenant;
        let link = link(&door);
        register(&door, &link).unwrap_or_else(|error| panic!("{error}"));
        let administrator = signed_in(&door, tenant, "ana@maple.example");
        Self {
            folder,
            clock,
            door,
            tenant,
            administrator,
        }
    }

    fn offer(&self, by: &Session, form: NewInvitation) -> Result<InvitationId, IssueRejection> {
        let permit = self.door.authorise(by, Invite).block_on();
        let permit = permit.unwrap_or_else(|error| panic!("{error}"));
        match self.door.invite(permit, form).block_on() {
            Ok(invited) => Ok(invited.invitation),
            Err(Error::Rejected(InviteRejection::Rule(rule))) => Err(rule),
            Err(error) => panic!("{error}"),
        }
    }

    /// Invites and returns the link of the mail.
    fn invite(&self, to: &str) -> (InvitationId, String) {
        self.invite_as("caregiver", to)
    }

    fn invite_as(&self, role: &str, to: &str) -> (InvitationId, String) {
        let invited = self.offer(&self.administrator, form(role, to));
        let id = invited.unwrap_or_else(|error| panic!("{error}"));
        (id, link(&self.door))
    }

    /// Lets somebody in and signs them in.
    fn member(&self, role: &str, to: &str) -> (Joined, Session) {
        let (_, link) = self.invite_as(role, to);
        let joined = register(&self.door, &link).unwrap_or_else(|error| panic!("{error}"));
        (joined, signed_in(&self.door, self.tenant, to))
    }

    fn permit_to_manage(&self) -> doorward::Permit<ManageMembers> {
        let permit = self
            .door
            .authorise(&self.administrator, ManageMembers)
            .block_on();
        permit.unwrap_or_else(|error| panic!("{error}"))
    }

    fn is_live(&self, session: &Session) -> bool {
        self.door.resume(session).block_on().is_ok()
    }

    /// Asks for a reset and returns its link, if one was mailed.
    fn reset_link(&self, name: &str) -> Option<String> {
        let asked = self.door.request_reset(Some(self.tenant), name).block_on();
        asked.unwrap_or_else(|error| panic!("{error}"));
        mails(&self.door).last().cloned()
    }
}

fn resend_ends_the_old_link() -> bool {
    let world = World::open();
    let (id, old) = world.invite("jan@family.example");
    let permit = world
        .door
        .authorise(&world.administrator, Invite)
        .block_on();
    let permit = permit.unwrap_or_else(|error| panic!("{error}"));
    let resent = world.door.resend_invitation(permit, id).block_on();
    resent.unwrap_or_else(|error| panic!("{error}"));
    let new = link(&world.door);
    let superseded = matches!(
        rule(register(&world.door, &old)),
        AcceptRejection::Refused(TokenRefusal::Superseded { .. })
    );
    superseded && register(&world.door, &new).is_ok()
}

fn no_token_at_rest() -> bool {
    let world = World::open();
    let invited = world.offer(
        &world.administrator,
        form("caregiver", "jan@family.example"),
    );
    invited.unwrap_or_else(|error| panic!("{error}"));
    // What is queued holds no token yet; what was mailed is looked for everywhere.
    let queued = all_bytes(&world);
    let link = link(&world.door);
    let (_, token) = link.rsplit_once('#').unwrap_or(("", &link));
    let secret = token.rsplit_once('.').map_or(token, |(_, secret)| secret);
    let is_in = |bytes: &[u8]| {
        bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes())
    };
    assert!(
        secret.len() >= 32,
        "the secret of a token is looked for, not `{secret}`"
    );
    !is_in(&queued) && !is_in(&all_bytes(&world))
}

fn all_bytes(world: &World) -> Vec<u8> {
    let mut bytes = Vec::new();
    let files = std::fs::read_dir(world.folder.path());
    for file in files.unwrap_or_else(|error| panic!("{error}")).flatten() {
        bytes.extend(std::fs::read(file.path()).unwrap_or_default());
    }
    bytes
}

fn twin_of_a_pending_address() -> bool {
    let world = World::open();
    world.invite("jan@family.example");
    let twin = world.offer(
        &world.administrator,
        form("caregiver", "JAN@Family.example"),
    );
    matches!(twin, Err(IssueRejection::AlreadyOpen { .. }))
}

fn twin_of_an_account() -> bool {
    let world = World::open();
    // An account of another community: this one does not learn of it.
    let new = alis_connect::community("Cedar Court", "Jan Vos", "jan@family.example");
    let new = new.unwrap_or_else(|error| panic!("{error}"));
    let created = world
        .door
        .create_tenant(&world.door.operator(), new)
        .block_on();
    created.unwrap_or_else(|error| panic!("{error}"));
    let first = link(&world.door);
    register(&world.door, &first).unwrap_or_else(|error| panic!("{error}"));
    let (_, link) = world.invite("JAN@Family.example");
    matches!(
        rule(register(&world.door, &link)),
        AcceptRejection::SignInToAccept
    )
}

fn looking_consumes_nothing() -> bool {
    let world = World::open();
    let (_, link) = world.invite("jan@family.example");
    let looks = (0..3).all(|_| world.door.inspect_invitation(&link).block_on().is_ok());
    looks && register(&world.door, &link).is_ok()
}

fn only_the_invited_address() -> bool {
    let world = World::open();
    let (_, stranger) = world.member("caregiver", "eve@family.example");
    let (id, link) = world.invite("jan@family.example");
    let permit = world.door.authorise(&stranger, OwnAccount).block_on();
    let permit = permit.unwrap_or_else(|error| panic!("{error}"));
    let reference = doorward::InvitationRef {
        tenant: world.tenant,
        invitation: id,
    };
    let taken = world
        .door
        .accept_signed_in(permit, reference, Confirmed::by_post())
        .block_on();
    // Eve is a member here already; that she is not whom it is for comes first.
    matches!(rule(taken), AcceptRejection::WrongRecipient) && register(&world.door, &link).is_ok()
}

fn no_more_than_is_held() -> bool {
    let world = World::open();
    let (_, coordinator) = world.member("access_coordinator", "cora@maple.example");
    let above = world.offer(&coordinator, form("administrator", "jan@family.example"));
    let within = world.offer(&coordinator, form("caregiver", "jan@family.example"));
    matches!(above, Err(IssueRejection::AboveCeiling(_))) && within.is_ok()
}

fn role_that_is_gone() -> bool {
    let world = World::open();
    let (_, link) = world.invite("jan@family.example");
    let storage = opened(SqliteOptions::new(world.folder.path().join("s6.db")));
    let door = door(storage, &world.clock, |_| without_caregivers());
    matches!(
        rule(register(&door, &link)),
        AcceptRejection::NeedsReissue(Shortfall::OfferGone)
    )
}

fn sponsor_who_is_gone() -> bool {
    let world = World::open();
    let (joined, sponsor) = world.member("administrator", "otto@maple.example");
    let invited = world.offer(&sponsor, form("caregiver", "jan@family.example"));
    let id = invited.unwrap_or_else(|error| panic!("{error}"));
    let link = link(&world.door);
    let removed = world
        .door
        .remove_member(world.permit_to_manage(), joined.membership);
    removed.block_on().unwrap_or_else(|error| panic!("{error}"));
    let gone = rule(register(&world.door, &link));
    let permit = world
        .door
        .authorise(&world.administrator, Invite)
        .block_on();
    let permit = permit.unwrap_or_else(|error| panic!("{error}"));
    let adopted = world.door.adopt_invitation(permit, id).block_on().is_ok();
    let needs_reissue = matches!(gone, AcceptRejection::NeedsReissue(Shortfall::SponsorGone));
    needs_reissue && adopted && register(&world.door, &link).is_ok()
}

fn expired() -> bool {
    let world = World::open();
    let (_, link) = world.invite("jan@family.example");
    world.clock.pass(Duration::days(7));
    // The administrator's session is a week old by now.
    let administrator = signed_in(&world.door, world.tenant, "ana@maple.example");
    let late = rule(register(&world.door, &link));
    let late = matches!(
        late,
        AcceptRejection::Refused(TokenRefusal::Expired { .. }) | AcceptRejection::Expired { .. }
    );
    late && world
        .offer(&administrator, form("caregiver", "jan@family.example"))
        .is_ok()
}

fn reset_of_a_disabled_account() -> bool {
    let world = World::open();
    let (joined, _) = world.member("caregiver", "jan@family.example");
    let before = world.reset_link("jan@family.example");
    let permit = world
        .door
        .authorise(&world.administrator, ManageAccounts)
        .block_on();
    let permit = permit.unwrap_or_else(|error| panic!("{error}"));
    let disabled = world
        .door
        .disable_account(permit, joined.membership, DisabledReason::Administrator)
        .block_on();
    disabled.unwrap_or_else(|error| panic!("{error}"));
    let after = world.reset_link("jan@family.example");
    let old = before.map(|link| reset(&world.door, &link));
    let opened = sign_in(
        &world.door,
        world.tenant,
        "jan@family.example",
        OTHER_PASSWORD,
    );
    let kept = sign_in(&world.door, world.tenant, "jan@family.example", PASSWORD);
    old == Some(false) && after.is_none() && opened.is_none() && kept.is_none()
}

fn sessions_end_on_disable() -> bool {
    let world = World::open();
    let (joined, session) = world.member("caregiver", "jan@family.example");
    let lived = world.is_live(&session);
    let disabled = world
        .door
        .disable_access(world.permit_to_manage(), joined.membership);
    disabled
        .block_on()
        .unwrap_or_else(|error| panic!("{error}"));
    let ended = !world.is_live(&session);
    let restored = world
        .door
        .restore_access(world.permit_to_manage(), joined.membership);
    restored
        .block_on()
        .unwrap_or_else(|error| panic!("{error}"));
    lived && ended && !world.is_live(&session)
}

fn sessions_end_on_reset() -> bool {
    let world = World::open();
    let (_, session) = world.member("caregiver", "jan@family.example");
    let link = world.reset_link("jan@family.example");
    let was_reset = link.is_some_and(|link| reset(&world.door, &link));
    let opened = sign_in(
        &world.door,
        world.tenant,
        "jan@family.example",
        OTHER_PASSWORD,
    );
    was_reset && opened.is_some() && !world.is_live(&session)
}

fn door(
    storage: SqliteStorage,
    clock: &HandClock,
    catalog: impl FnOnce(doorward::access::Catalog) -> doorward::access::Catalog,
) -> Doorward {
    let keys = world::published_keys();
    let sound = alis_connect::catalog().unwrap_or_else(|error| panic!("{error}"));
    let setup = alis_connect::setup_with(keys, catalog(sound));
    setup
        .unwrap_or_else(|error| panic!("{error}"))
        .with_passwords(PasswordPolicy::only_factor(), PasswordCost::for_tests())
        .with_clock(clock.clone())
        .open(Arc::new(storage))
}

/// The catalog of a later release, which knows caregivers no more.
fn without_caregivers() -> doorward::access::Catalog {
    use alis_connect::Alis;
    use doorward::access::{Administration, Catalog, Reach};

    let catalog = Catalog::builder::<Alis>()
        .kind("staff", |kind| {
            kind.roles(["administrator"]).ceiling_of_everything()
        })
        .kind("resident", |kind| {
            kind.ceiling(Alis::VIEW_INVOICES, Reach::Own)
        })
        .kind("contact", |kind| {
            kind.ceiling(Alis::VIEW_INVOICES, Reach::Assigned)
        })
        .role("administrator", |role| {
            role.holds(Alis::all(), Reach::Any).gives_everything()
        })
        .administered_by(Alis::MANAGE_ACCESS, Administration::ALL)
        .build();
    catalog.unwrap_or_else(|error| panic!("{error}"))
}

fn form(role: &str, to: &str) -> NewInvitation {
    let role = RoleName::new(role).unwrap_or_else(|error| panic!("{error}"));
    NewInvitation {
        offer: Offer::of(staff()).with_role(role),
        ..invitation(&to_address(to))
    }
}

fn to_address(text: &str) -> EmailAddress {
    address(text)
}

/// The links of all mail that waits, in order.
fn mails(door: &Doorward) -> Vec<String> {
    let mails = world::post(door)
        .block_on()
        .unwrap_or_else(|error| panic!("{error}"));
    let links = mails.iter().filter_map(world::link);
    links
        .filter(|link| link.contains('#'))
        .map(ToOwned::to_owned)
        .collect()
}

fn link(door: &Doorward) -> String {
    mails(door)
        .pop()
        .unwrap_or_else(|| panic!("a mail with a link"))
}

fn register(door: &Doorward, link: &str) -> Result<Joined, Error<AcceptInvitationRejection>> {
    let name = DisplayName::new("Jan Vos").unwrap_or_else(|error| panic!("{error}"));
    let form = RegisterForm {
        name,
        password: SecretString::from(PASSWORD),
        agreed: [].into(),
    };
    door.accept_by_link(link, form, Confirmed::by_post(), None)
        .block_on()
}

fn rule(answer: Result<Joined, Error<AcceptInvitationRejection>>) -> AcceptRejection {
    match answer {
        Err(Error::Rejected(AcceptInvitationRejection::Rule(rule))) => rule,
        other => panic!("the rule of the invitation refuses: {other:?}"),
    }
}

fn sign_in(door: &Doorward, tenant: TenantId, name: &str, text: &str) -> Option<Session> {
    let credential = Credential::Password(SecretString::from(text));
    let opened = door.sign_in(tenant, Channel::Portal, name, credential, None);
    match opened.block_on() {
        Ok(SignedIn::Session(session)) => Some(session),
        _ => None,
    }
}

fn signed_in(door: &Doorward, tenant: TenantId, name: &str) -> Session {
    let opened = door.sign_in(tenant, Channel::Portal, name, password(), None);
    match opened.block_on() {
        Ok(SignedIn::Session(session)) => session,
        other => panic!("`{name}` signs in: {other:?}"),
    }
}

/// Sets the other password by a link; answers whether that went through.
fn reset(door: &Doorward, link: &str) -> bool {
    let password = SecretString::from(OTHER_PASSWORD);
    door.reset_password(link, &password, None)
        .block_on()
        .is_ok()
}
