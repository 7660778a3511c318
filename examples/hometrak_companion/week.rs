//! A week at Harbor Home Care, along the rows of the window "Manage User Account".

use std::{collections::BTreeSet, sync::Arc};

use doorward::{
    Act, ConfigureTenant, Credential, DataAbout, Doorward, EditLevels, Grant, ManageAccounts,
    ManageMembers, ManagePeople, NewAccount, NewPerson, Permit, RegisterForm, ResetCredentials,
    SignedIn, Use, ViewAccess,
    access::{PermissionSet, Reach, Record},
    identity::{DisabledReason, Handover, Session},
    invitations::{Confirmed, Next},
    types::{
        Channel, DisplayName, EmailAddress, LevelId, Levels, MembershipId, Note, PersonId,
        Switches, TenantId, UserName,
    },
};
use doorward_examples::world::{self, Failure, HandClock};
use doorward_memory::MemoryStorage;
use secrecy::{ExposeSecret, SecretString};
use time::{Duration, macros::datetime};

use super::{HomeTrak, office, setup};

const OMAR: &str = "omar@harbor.example";
const PASSWORD: &str = "nine green herons stand";

/// Harbor Home Care, with Omar signed in.
struct Harbor {
    door: Doorward,
    clock: HandClock,
    tenant: TenantId,
    omar: Session,
    key: SecretString,
    billing: LevelId,
    scheduling: LevelId,
}

pub(super) async fn live() -> Result<(), Failure> {
    let harbor = monday().await?;
    let cara = email_mobile_password(&harbor).await?;
    create_identity_account(&harbor, cara).await?;
    email_telephony_pin(&harbor, cara).await?;
    security_levels(&harbor).await?;
    people_this_account_can_view(&harbor).await?;
    status(&harbor, cara).await
}

/// The provider creates the office; its first administrator comes in by a mailed link.
async fn monday() -> Result<Harbor, Failure> {
    heading("Monday: the office opens");
    let clock = HandClock::at(datetime!(2026-11-02 08:00 UTC));
    let door = setup(world::published_keys())?
        .with_clock(clock.clone())
        .open(Arc::new(MemoryStorage::new()));
    let operator = door.operator();
    let new = office("Harbor Home Care", "Omar Haddad", OMAR, Use::Used)?;
    let created = door.create_tenant(&operator, new).await?;
    let link = post(&door).await?.0.ok_or("Omar got no link")?;
    let inspection = door.inspect_invitation(&link).await?;
    let Next::Register { terms } = inspection.next else {
        return Err("the link does not register".into());
    };
    let form = RegisterForm {
        name: DisplayName::new("Omar Haddad")?,
        password: SecretString::from(PASSWORD),
        agreed: terms,
    };
    door.accept_by_link(&link, form, Confirmed::by_post(), None)
        .await?;
    let credential = Credential::Password(SecretString::from(PASSWORD));
    let opened = door
        .sign_in(created.tenant, Channel::Portal, OMAR, credential, None)
        .await?;
    let SignedIn::Session(omar) = opened else {
        return Err("Omar has a password of his own".into());
    };
    let permit = door.authorise(&omar, ConfigureTenant).await?;
    let key = door
        .replace_access_key(permit)
        .await?
        .text
        .ok_or("no access key")?;
    say("Omar Haddad has full access: no security levels were applied to him.");
    let [_, scheduling, _, billing, _] = created.levels[..] else {
        return Err("an office starts with five security levels".into());
    };
    Ok(Harbor {
        door,
        clock,
        tenant: created.tenant,
        omar,
        key,
        billing,
        scheduling,
    })
}

/// "The password expires after several hours and the user is prompted to change the password."
async fn email_mobile_password(harbor: &Harbor) -> Result<MembershipId, Failure> {
    heading("Email Mobile Password");
    let door = &harbor.door;
    let (cara, person) = harbor
        .account("caregiver", "Cara Diaz", "standard", None)
        .await?;
    let (_, temporary) = post(door).await?;
    let temporary = temporary.ok_or("no password was mailed")?;
    say("Cara is on the night shift and reads her mail five hours later.");
    harbor.clock.pass(Duration::hours(5));
    harbor
        .try_in(Channel::Mobile, "cara@care.example", &temporary)
        .await?;

    let permit = harbor.may(ResetCredentials).await?;
    door.issue_temporary_password(permit, cara, Handover::Mailed)
        .await?;
    let (_, temporary) = post(door).await?;
    let temporary = temporary.ok_or("no password was mailed")?;
    harbor
        .try_in(Channel::Mobile, "cara@care.example", &temporary)
        .await?;
    harbor
        .try_in(Channel::Mobile, "cara@care.example", PASSWORD)
        .await?;
    harbor
        .try_in(Channel::Portal, "cara@care.example", PASSWORD)
        .await?;
    let permit = harbor.may(ViewAccess).await?;
    for asked in [HomeTrak::CLOCK_IN, HomeTrak::VIEW_CARE_NOTES] {
        say(&door
            .explain(&permit, cara, asked, &Record::of(person))
            .await?
            .to_string());
    }
    Ok(cara)
}

/// "Create or convert this account as an "Identity" account."
async fn create_identity_account(harbor: &Harbor, cara: MembershipId) -> Result<(), Failure> {
    heading("Tuesday: Create HomeTrak Identity Account");
    harbor.clock.pass(Duration::DAY);
    let door = &harbor.door;
    door.convert_account(harbor.may(ManageAccounts).await?, cara)
        .await?;
    let link = post(door).await?.0.ok_or("no activation was mailed")?;
    harbor
        .try_in(Channel::Mobile, "cara@care.example", PASSWORD)
        .await?;
    door.activate(&link, &SecretString::from(PASSWORD), None)
        .await?;
    say("Cara sets her password by the activation mail.");
    harbor
        .try_in(Channel::Portal, "cara@care.example", PASSWORD)
        .await?;
    if let Err(refused) = door
        .issue_temporary_password(harbor.may(ResetCredentials).await?, cara, Handover::Mailed)
        .await
    {
        say(&format!("Email Mobile Password again: {refused}."));
    }
    Ok(())
}

/// "This is used only if the office is using the optional IVR features in Companion."
async fn email_telephony_pin(harbor: &Harbor, cara: MembershipId) -> Result<(), Failure> {
    heading("Email Telephony PIN");
    let door = &harbor.door;
    door.mail_pin(harbor.may(ResetCredentials).await?, cara)
        .await?;
    let (_, pin) = post(door).await?;
    let pin = SecretString::from(pin.ok_or("no PIN was mailed")?);
    for (channel, name) in [
        (Channel::Telephony, "telephone"),
        (Channel::Portal, "portal"),
    ] {
        let pin = Credential::Pin(pin.clone());
        let opened = door
            .sign_in(harbor.tenant, channel, "cara@care.example", pin, None)
            .await;
        let said = opened.map_or_else(|refused| refused.to_string(), |_| "welcome".to_owned());
        say(&format!("Cara's PIN at the {name}: {said}."));
    }
    let off = harbor.may(ConfigureTenant).await?;
    door.set_telephony(off, Use::NotUsed).await?;
    if let Err(refused) = door
        .mail_pin(harbor.may(ResetCredentials).await?, cara)
        .await
    {
        say(&format!(
            "Once the office stops using the telephone: {refused}."
        ));
    }
    Ok(())
}

/// "They will have access to all of the areas included in the combination of those levels."
async fn security_levels(harbor: &Harbor) -> Result<(), Failure> {
    heading("Wednesday: Security Levels");
    harbor.clock.pass(Duration::DAY);
    let door = &harbor.door;
    let both = Levels::from([harbor.billing, harbor.scheduling]);
    let (sam, _) = harbor
        .account("office_staff", "Sam Stone", "identity", Some(both))
        .await?;
    harbor.activate().await?;
    harbor
        .explain(sam, &[HomeTrak::RUN_PAYROLL, HomeTrak::EDIT_CARE_NOTES])
        .await?;

    let reads: PermissionSet = ["view_profiles", "view_schedules", "view_care_notes"]
        .iter()
        .map(|name| Ok((name.parse()?, Reach::Any)))
        .collect::<Result<_, Failure>>()?;
    let permit = harbor.may(EditLevels).await?;
    let read_only = door
        .create_level(permit, DisplayName::new("Read only")?, reads)
        .await?;
    let permit = harbor.may(ManageMembers).await?;
    let version = door.member(&permit, sam).await?.version;
    door.set_levels(permit, sam, version, Levels::from([read_only]))
        .await?;
    say("Sam's levels are replaced by a new one, Read only.");
    harbor
        .explain(sam, &[HomeTrak::VIEW_SCHEDULES, HomeTrak::EDIT_SCHEDULES])
        .await?;
    if let Err(refused) = door
        .delete_level(harbor.may(EditLevels).await?, read_only)
        .await
    {
        say(&format!("Deleting Read only: {refused}."));
    }

    heading("Remove User Interface Features");
    let permit = harbor.may(ManageMembers).await?;
    let version = door.member(&permit, sam).await?.version;
    let hidden = BTreeSet::from(["care".parse()?]);
    door.hide_features(permit, sam, version, hidden).await?;
    for channel in [Channel::Desktop, Channel::Portal] {
        let session = harbor.session(channel, "sam@care.example").await?;
        let shown: Vec<String> = door
            .standing(&session)
            .await?
            .menu()
            .into_iter()
            .map(|(feature, how)| format!("{feature} {how:?}").to_lowercase())
            .collect();
        say(&format!("Sam's tools, {channel}: {}.", shown.join(", ")));
    }
    Ok(())
}

/// "A common primary contact where a husband and wife are both clients."
async fn people_this_account_can_view(harbor: &Harbor) -> Result<(), Failure> {
    heading("Thursday: People that this Account can View");
    harbor.clock.pass(Duration::DAY);
    let door = &harbor.door;
    let hans = harbor.person("client", "Hans Berg").await?;
    let wilma = harbor.person("client", "Wilma Berg").await?;
    let (petra, _) = harbor
        .account("primary_contact", "Petra Berg", "identity", None)
        .await?;
    harbor.activate().await?;
    door.attach(harbor.may(Grant).await?, petra, hans.into())
        .await?;
    door.attach(harbor.may(Grant).await?, petra, wilma.into())
        .await?;
    let tell = async |name: &str, whom: PersonId| -> Result<(), Failure> {
        let permit = harbor.may(ViewAccess).await?;
        let asked = HomeTrak::VIEW_PROFILES;
        let said = door
            .explain(&permit, petra, asked, &Record::of(whom))
            .await?;
        say(&format!("Petra and {name}: {said}."));
        Ok(())
    };
    tell("Hans", hans).await?;
    tell("Wilma", wilma).await?;
    door.detach(harbor.may(Grant).await?, petra, wilma.into())
        .await?;
    tell("Wilma, removed", wilma).await
}

/// "Status must be set to Active in order for the user to be able to log in."
async fn status(harbor: &Harbor, cara: MembershipId) -> Result<(), Failure> {
    heading("Friday: Status");
    harbor.clock.pass(Duration::DAY);
    let door = &harbor.door;
    let session = harbor.session(Channel::Mobile, "cara@care.example").await?;
    let permit = harbor.may(ManageAccounts).await?;
    door.disable_account(permit, cara, DisabledReason::Administrator)
        .await?;
    if let Err(over) = door.resume(&session).await {
        say(&format!("Cara's next tap: {over}."));
    }
    for channel in [Channel::Mobile, Channel::Portal] {
        harbor
            .try_in(channel, "cara@care.example", PASSWORD)
            .await?;
    }
    Ok(())
}

impl Harbor {
    async fn may<A: Act>(&self, act: A) -> Result<Permit<A>, Failure> {
        // Every act takes Omar a minute.
        self.clock.pass(Duration::MINUTE);
        Ok(self.door.authorise(&self.omar, act).await?)
    }

    async fn person(&self, kind: &str, name: &str) -> Result<PersonId, Failure> {
        let person = NewPerson {
            kind: kind.parse()?,
            name: DisplayName::new(name)?,
            email: Some(EmailAddress::new(&address_of(name))?),
            cell: None,
            note: Note::default(),
            reference: None,
            data: match kind {
                "client" => DataAbout::ThisPerson,
                _ => DataAbout::Nobody,
            },
        };
        Ok(self
            .door
            .record_person(self.may(ManagePeople).await?, person)
            .await?)
    }

    /// Fills the window "Manage User Account" and clicks Save.
    async fn account(
        &self,
        kind: &str,
        name: &str,
        class: &str,
        levels: Option<Levels>,
    ) -> Result<(MembershipId, PersonId), Failure> {
        let person = self.person(kind, name).await?;
        let permit = self.may(ManageAccounts).await?;
        let form = self.door.account_form(&permit, person).await?.value;
        let address = form.address.ok_or("the profile has no address")?;
        let new = NewAccount {
            person,
            class: class.parse()?,
            // "HomeTrak recommends using the email address as the unique mobile username."
            user_name: Some(UserName::new(&address.to_string())?),
            address,
            cell: form.cell,
            role: None,
            levels,
            switches: Switches::new(),
            handover: Handover::Mailed,
        };
        let created = self.door.create_account(permit, new).await?;
        say(&format!(
            "{name} gets an account of class {class}, as {kind}."
        ));
        Ok((created.membership, person))
    }

    /// The person follows the activation mail.
    async fn activate(&self) -> Result<(), Failure> {
        let link = post(&self.door)
            .await?
            .0
            .ok_or("no activation was mailed")?;
        self.door
            .activate(&link, &SecretString::from(PASSWORD), None)
            .await?;
        Ok(())
    }

    /// Tells what comes of signing in; a first password is set on the way.
    async fn try_in(&self, channel: Channel, name: &str, password: &str) -> Result<(), Failure> {
        let key = matches!(channel, Channel::Mobile).then(|| self.key.clone());
        let credential = Credential::Password(SecretString::from(password));
        match self
            .door
            .sign_in(self.tenant, channel, name, credential, key)
            .await
        {
            Ok(SignedIn::Session(_)) => say(&format!("{name}, {channel}: welcome.")),
            Ok(SignedIn::NewPassword { ticket, .. }) => {
                let own = SecretString::from(PASSWORD);
                self.door
                    .set_new_password(ticket.expose_secret(), &own, None)
                    .await?;
                say(&format!(
                    "{name}, {channel}: set a new password, and it is set."
                ));
            }
            Err(refused) => say(&format!("{name}, {channel}: {refused}.")),
        }
        Ok(())
    }

    async fn session(&self, channel: Channel, name: &str) -> Result<Session, Failure> {
        let credential = Credential::Password(SecretString::from(PASSWORD));
        match self
            .door
            .sign_in(self.tenant, channel, name, credential, None)
            .await?
        {
            SignedIn::Session(session) => Ok(session),
            SignedIn::NewPassword { .. } => Err("a new password has to be set first".into()),
        }
    }

    async fn explain(&self, member: MembershipId, asked: &[HomeTrak]) -> Result<(), Failure> {
        let permit = self.may(ViewAccess).await?;
        for asked in asked {
            let said = self
                .door
                .explain(&permit, member, *asked, &Record::UNOWNED)
                .await?;
            say(&said.to_string());
        }
        Ok(())
    }
}

/// The address of a person: the first name.
fn address_of(name: &str) -> String {
    let first = name.split(' ').next().unwrap_or(name).to_lowercase();
    format!("{first}@care.example")
}

/// Delivers what is due, and returns the last link and the last password or PIN.
async fn post(door: &Doorward) -> Result<(Option<String>, Option<String>), Failure> {
    let (mut link, mut secret) = (None, None);
    for mail in world::post(door).await? {
        say(&format!(
            "Mail to {}: {}",
            mail.to().address(),
            mail.subject().as_str()
        ));
        link = world::link(&mail).map(str::to_owned).or(link);
        secret = world::secret(&mail).map(str::to_owned).or(secret);
    }
    Ok((link, secret))
}

fn heading(text: &str) {
    println!("\n{text}");
}

fn say(text: &str) {
    println!("  {text}");
}
