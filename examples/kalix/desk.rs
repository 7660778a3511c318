//! The desk at which the month happens: the practice, its clock, and the small steps of every day.

use std::{fmt, sync::Arc};

use doorward::{
    Act, Credential, DataAbout, Doorward, InvitationRow, Invite, ManagePeople, NewInvitation,
    NewPerson, Permit, RegisterForm, SignedIn, ViewAccess,
    access::Availability,
    identity::Session,
    invitations::{Confirmed, Next, Sworn},
    mailer::Mail,
    storage::Limit,
    types::{
        Channel, DisplayName, EmailAddress, InvitationId, KindName, Note, Offer, RoleName,
        SubjectId, Switch, SwitchName, Switches, TenantId,
    },
};
use doorward_examples::world::{self, Failure, HandClock};
use doorward_memory::MemoryStorage;
use secrecy::SecretString;
use time::{Duration, macros::datetime};

/// What everybody of this month types; a service never sees a password twice.
pub(super) const PASSWORD: &str = "nine green herons stand";

/// The practice, its director, and the world around it.
pub(super) struct Desk {
    pub(super) door: Doorward,
    clock: HandClock,
    pub(super) tenant: TenantId,
    pub(super) dana: Session,
}

impl Desk {
    pub(super) async fn begin() -> Result<Self, Failure> {
        heading("The practice opens");
        let clock = HandClock::at(datetime!(2026-03-02 09:00 UTC));
        let door = super::setup(world::published_keys())?
            .with_clock(clock.clone())
            .open(Arc::new(MemoryStorage::new()));
        let operator = door.operator();
        let harbour = super::practice("Harbour Practice", "Dana Reyes", "dana@harbour.example")?;
        let tenant = door.create_tenant(&operator, harbour).await?.tenant;
        clock.pass(Duration::minutes(1));
        let link = link_to("dana@harbour.example", &post(&door).await?)?;
        register(&door, &link, "Dana Reyes").await?;
        clock.pass(Duration::minutes(1));
        let dana = sign_in(&door, tenant, "dana@harbour.example").await?;
        println!("Dana is its Director: she accepted the first invitation and is signed in.");
        Ok(Self {
            door,
            clock,
            tenant,
            dana,
        })
    }

    /// Proves that Dana may.
    pub(super) async fn may<A: Act>(&self, act: A) -> Result<Permit<A>, Failure> {
        self.step();
        Ok(self.door.authorise(&self.dana, act).await?)
    }

    /// Registers at the page behind the link, agreeing to what it shows.
    pub(super) async fn register(&self, link: &str, name: &str) -> Result<(), Failure> {
        self.step();
        register(&self.door, link, name).await
    }

    /// Signs in to a practice.
    pub(super) async fn sign_in(&self, to: TenantId, email: &str) -> Result<Session, Failure> {
        self.step();
        sign_in(&self.door, to, email).await
    }

    /// Each thing that somebody does takes a minute.
    pub(super) fn step(&self) {
        self.clock.pass(Duration::minutes(1));
    }

    pub(super) fn pass(&self, time: Duration) {
        self.clock.pass(time);
        println!("\n[{} days pass]\n", time.whole_days());
    }

    pub(super) async fn invite(
        &self,
        address: &str,
        role: &str,
        changed: &[(&str, Switch)],
    ) -> Result<InvitationId, Failure> {
        let offer = Offer::of(user()?)
            .with_role(RoleName::new(role)?)
            .with_switches(switches(changed)?);
        let form = NewInvitation {
            address: EmailAddress::new(address)?,
            person: None,
            name: None,
            offer,
            sworn: Sworn::default(),
        };
        let invited = self.door.invite(self.may(Invite).await?, form).await?;
        println!("Dana invites {address} as {role}.");
        Ok(invited.invitation)
    }

    pub(super) async fn pending(&self) -> Result<Vec<(InvitationId, String)>, Failure> {
        let permit = self.may(ViewAccess).await?;
        let page = self
            .door
            .pending_invitations(&permit, None, Limit::MAX)
            .await?;
        let line = |row: &InvitationRow| {
            let address = row.address.original();
            match row.expires_in_days() {
                Some(days) => format!("{address} is pending, and expires in {days} days"),
                None => format!("{address} has expired"),
            }
        };
        Ok(page
            .rows
            .iter()
            .map(|row| (row.invitation, line(row)))
            .collect())
    }

    pub(super) async fn print_pending(&self) -> Result<(), Failure> {
        for (_, line) in self.pending().await? {
            println!("  {line}");
        }
        Ok(())
    }

    pub(super) async fn print_users(&self) -> Result<(), Failure> {
        let permit = self.may(ViewAccess).await?;
        for row in self.door.members(&permit, None, Limit::MAX).await?.rows {
            let groups: Vec<_> = row.groups.iter().map(|(_, name)| name.as_str()).collect();
            println!(
                "  {:<12}{:<16}{:<26}{}",
                or_nothing(row.name),
                or_nothing(row.role),
                or_nothing(row.title),
                groups.join(", ")
            );
        }
        Ok(())
    }

    pub(super) async fn take_on(&self, by: &Session, name: &str) -> Result<SubjectId, Failure> {
        let client = NewPerson {
            kind: user()?,
            name: DisplayName::new(name)?,
            email: None,
            cell: None,
            note: Note::default(),
            reference: None,
            data: DataAbout::ThisPerson,
        };
        self.step();
        let permit = self.door.authorise(by, ManagePeople).await?;
        Ok(self.door.record_person(permit, client).await?.into())
    }

    pub(super) async fn menu(&self, who: &Session) -> Result<String, Failure> {
        let menu = self.door.standing(who).await?.menu();
        let shown = menu
            .into_iter()
            .filter(|(_, shown)| *shown == Availability::Enabled);
        let names: Vec<_> = shown.map(|(name, _)| name.to_string()).collect();
        Ok(names.join(", "))
    }
}

pub(super) fn heading(text: &str) {
    println!("\n== {text}");
}

pub(super) async fn post(door: &Doorward) -> Result<Vec<Mail>, Failure> {
    let mails = world::post(door).await?;
    for mail in &mails {
        println!(
            "  mail to {}: {}",
            mail.to().address(),
            mail.subject().as_str()
        );
    }
    Ok(mails)
}

pub(super) fn link_to(address: &str, mails: &[Mail]) -> Result<String, Failure> {
    let mail = mails
        .iter()
        .find(|mail| mail.to().address().to_string() == address);
    let link = mail.and_then(world::link).ok_or("no mail brought a link")?;
    Ok(link.to_owned())
}

async fn register(door: &Doorward, link: &str, name: &str) -> Result<(), Failure> {
    let Next::Register { terms } = door.inspect_invitation(link).await?.next else {
        return Err("the page asks for a registration".into());
    };
    let form = RegisterForm {
        name: DisplayName::new(name)?,
        password: SecretString::from(PASSWORD),
        agreed: terms,
    };
    door.accept_by_link(link, form, Confirmed::by_post(), None)
        .await?;
    Ok(())
}

async fn sign_in(door: &Doorward, tenant: TenantId, email: &str) -> Result<Session, Failure> {
    let password = Credential::Password(SecretString::from(PASSWORD));
    match door
        .sign_in(tenant, Channel::Portal, email, password, None)
        .await?
    {
        SignedIn::Session(session) => Ok(session),
        SignedIn::NewPassword { .. } => Err("nobody has a temporary password here".into()),
    }
}

pub(super) fn user() -> Result<KindName, Failure> {
    Ok(KindName::new("practice_user")?)
}

pub(super) fn switches(changed: &[(&str, Switch)]) -> Result<Switches, Failure> {
    let mut switches = Switches::new();
    for (name, stands) in changed {
        switches.insert(SwitchName::new(name)?, *stands);
    }
    Ok(switches)
}

pub(super) fn selected(switches: &Switches) -> String {
    let on = switches.iter().filter(|(_, stands)| **stands == Switch::On);
    let names: Vec<_> = on.map(|(name, _)| name.as_str()).collect();
    names.join(", ")
}

/// What is known, in words.
pub(super) fn or_nothing(known: Option<impl fmt::Display>) -> String {
    known.map(|known| known.to_string()).unwrap_or_default()
}
