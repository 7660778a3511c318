//! The desk at which the month happens: the practice, its clock, and the small steps of every day.

use std::{fmt, sync::Arc};

use doorward::{
    Act, DataAbout, Doorward, InvitationRow, Invite, ManagePeople, NewInvitation, NewPerson,
    Permit, RegisterForm, ViewAccess,
    access::Availability,
    identity::Session,
    invitations::{Confirmed, Next},
    mailer::Mail,
    storage::Limit,
    types::{
        DisplayName, InvitationId, KindName, Note, Offer, RoleName, SubjectId, Switch, SwitchName,
        Switches, TenantId,
    },
};
use doorward_examples::world::{self, Failure, HandClock};
use doorward_memory::MemoryStorage;
use time::{Duration, macros::datetime};

use super::newcomers::{clinician, open_practice, registration, sign_in};

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
        let director = ("Dana Reyes", "dana@harbour.example");
        let (tenant, dana) = open_practice(&door, "Harbour Practice", director).await?;
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
            offer,
            ..clinician(address)?
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
        agreed: terms,
        ..registration(name)?
    };
    door.accept_by_link(link, form, Confirmed::by_post(), None)
        .await?;
    Ok(())
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
