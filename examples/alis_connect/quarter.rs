//! A quarter of a year at Maple Grove, along the headings of the guide.

use std::sync::Arc;

use doorward::{
    Act, ContactRow, Credential, DataAbout, Doorward, EditProfiles, Export, Grant, InvitationRow,
    Invite, ManageAccounts, ManageMembers, ManagePeople, NewPerson, NewRelationship, Permit,
    PersonalData, ReadAudit, RegisterForm, ReportOptions, ResetCredentials, SignedIn, ViewAccess,
    access::{PermissionSet, Reach, Record},
    audit::{Entry, Query},
    identity::{Handover, Link, Session},
    invitations::{Confirmed, Next},
    storage::Limit,
    types::{
        Channel, DisplayName, EmailAddress, InvitationId, MembershipId, Note, PersonId, Scope,
        TenantId, UserName,
    },
};
use doorward_examples::world::{self, Failure, HandClock};
use doorward_memory::MemoryStorage;
use secrecy::{ExposeSecret, SecretString};
use time::{Duration, macros::datetime};

use super::{Alis, Confirmation, community, filled_in, setup};

const ANA: &str = "ana.ruiz@maple.example";
const ROSE: &str = "rose@maple.example";
const LENA: &str = "lena@family.example";
const PASSWORD: &str = "nine green herons stand";

/// Maple Grove, with Ana signed in.
struct Maple {
    door: Doorward,
    clock: HandClock,
    tenant: TenantId,
    ana: Session,
    rose: PersonId,
    lena: PersonId,
}

pub(super) async fn live() -> Result<(), Failure> {
    let maple = opening_day().await?;
    from_the_connect_center(&maple).await?;
    let invitation = from_the_manage_page(&maple).await?;
    resend_invite(&maple, invitation).await?;
    what_lena_sees(&maple).await?;
    edit_profile(&maple).await?;
    configure_profiles(&maple).await?;
    reset_password(&maple).await?;
    send_login_link(&maple).await?;
    disable_access(&maple).await?;
    audit(&maple).await
}

/// The provider creates the community; its first administrator comes in by a mailed link.
async fn opening_day() -> Result<Maple, Failure> {
    heading("Opening day");
    let clock = HandClock::at(datetime!(2026-11-02 09:00 UTC));
    let door = setup(world::published_keys())?
        .with_clock(clock.clone())
        .open(Arc::new(MemoryStorage::new()));
    let operator = door.operator();
    let new = community("Maple Grove", "Ana Ruiz", ANA)?;
    let tenant = door.create_tenant(&operator, new).await?.tenant;
    let link = mailed(&door, ANA).await?;
    accept(&door, &link, "Ana Ruiz").await?;
    let ana = sign_in(&door, tenant, ANA, PASSWORD).await?;
    say("Ana Ruiz administers Maple Grove, which has five user profiles.");

    clock.pass(Duration::MINUTE);
    let people = door.authorise(&ana, ManagePeople).await?;
    let rose = record(&door, people, "resident", "Rose Adler", ROSE).await?;
    clock.pass(Duration::MINUTE);
    let people = door.authorise(&ana, ManagePeople).await?;
    let lena = record(&door, people, "contact", "Lena Adler", LENA).await?;
    let daughter = NewRelationship {
        person: lena,
        subject: rose.into(),
        label: DisplayName::new("Daughter")?,
        link: Link::Listed,
    };
    clock.pass(Duration::MINUTE);
    let people = door.authorise(&ana, ManagePeople).await?;
    door.add_relationship(people, daughter).await?;
    say("Rose Adler lives there; Lena Adler, her daughter, is on record as her contact.");
    Ok(Maple {
        door,
        clock,
        tenant,
        ana,
        rose,
        lena,
    })
}

/// "If you just need to send the registration email to a resident, click the Send Invite button."
async fn from_the_connect_center(maple: &Maple) -> Result<(), Failure> {
    heading("Grant Connect Access: from the Connect Center");
    let Maple { door, rose, .. } = maple;
    let residents = "resident".parse()?;
    let permit = maple.may(ViewAccess).await?;
    let tab = door
        .access_rows(&permit, &residents, None, Limit::MAX)
        .await?;
    for row in &tab.rows {
        tell(&row.resident);
        row.contacts.iter().for_each(tell);
    }

    let permit = maple.may(Invite).await?;
    let form = door
        .invite_form(&permit, *rose, Some((*rose).into()))
        .await?;
    let profile = form.default_profile.ok_or("no default resident profile")?;
    let one_click = filled_in(&form, profile, Confirmation::Empty, door.now())?;
    door.invite(permit, one_click).await?;
    let link = mailed(door, ROSE).await?;
    accept(door, &link, "Rose Adler").await?;
    let permit = maple.may(ViewAccess).await?;
    tell(
        &door
            .resident_access(&permit, (*rose).into())
            .await?
            .resident,
    );
    Ok(())
}

/// "Click Send Invite on the far right. In the pop-up that appears, complete the necessary
/// details."
async fn from_the_manage_page(maple: &Maple) -> Result<InvitationId, Failure> {
    heading("Grant Connect Access: the Manage ALIS Connect Access page");
    let door = &maple.door;
    tell(&maple.row_of_lena().await?);
    let permit = maple.may(Invite).await?;
    let form = door
        .invite_form(&permit, maple.lena, Some(maple.rose.into()))
        .await?;
    say(&format!(
        "The form comes with {}.",
        form.email
            .as_ref()
            .map_or_else(String::new, EmailAddress::to_string)
    ));
    let profile = named(&form.profiles, "Family - Billing only")?;

    let unticked = filled_in(&form, profile, Confirmation::Empty, door.now())?;
    if let Err(refused) = door.invite(permit, unticked).await {
        say(&format!("Without the tick: {refused}."));
    }
    let ticked = filled_in(&form, profile, Confirmation::Ticked, door.now())?;
    let invited = door.invite(maple.may(Invite).await?, ticked).await?;
    mailed(door, LENA).await?;
    tell(&maple.row_of_lena().await?);
    Ok(invited.invitation)
}

/// "Resend Invite: If the user never received or cannot find their initial registration email."
async fn resend_invite(maple: &Maple, invitation: InvitationId) -> Result<(), Failure> {
    heading("Thirty days later: Resend Invite");
    let door = &maple.door;
    maple.clock.pass(Duration::days(30));
    tell(&maple.row_of_lena().await?);
    door.resend_invitation(maple.may(Invite).await?, invitation)
        .await?;
    let link = mailed(door, LENA).await?;
    accept(door, &link, "Lena Adler").await?;
    tell(&maple.row_of_lena().await?);

    let permit = maple.may(ViewAccess).await?;
    for row in door.email_statuses(&permit, None, Limit::MAX).await?.rows {
        let InvitationRow {
            address,
            status,
            delivery,
            ..
        } = row;
        say(&format!(
            "View Email Statuses: {address}: {status}, last mail {}.",
            delivery.status
        ));
    }
    Ok(())
}

async fn what_lena_sees(maple: &Maple) -> Result<(), Failure> {
    heading("What Lena sees");
    let permit = maple.may(ViewAccess).await?;
    let lena = maple.member().await?;
    for asked in [Alis::VIEW_INVOICES, Alis::VIEW_MEDICATIONS] {
        let rose = Record::of(maple.rose);
        say(&maple
            .door
            .explain(&permit, lena, asked, &rose)
            .await?
            .to_string());
    }
    Ok(())
}

/// "Update the contact's Username or associated Connect Email, or change their assigned User
/// Profile."
async fn edit_profile(maple: &Maple) -> Result<(), Failure> {
    heading("Options: Edit Profile");
    let door = &maple.door;
    let lena = maple.member().await?;
    let name = Some(UserName::new("lena.adler")?);
    door.rename_account(maple.may(ManageAccounts).await?, lena, name)
        .await?;
    sign_in(door, maple.tenant, "lena.adler", PASSWORD).await?;
    say("Lena signs in as lena.adler now.");

    let permit = maple.may(Grant).await?;
    let held = door.grants_of_member(&permit, lena).await?;
    let held = held.first().ok_or("Lena has no grant")?;
    let profiles = door.profiles(&permit).await?;
    let full = profiles
        .iter()
        .find(|read| read.value.name().as_str() == "Family - Full");
    let full = full.ok_or("no such profile")?.value.id();
    door.change_grant_profile(permit, held.value.id(), held.version, full)
        .await?;
    tell(&maple.row_of_lena().await?);
    what_lena_sees(maple).await
}

/// "User Profiles (the specific permission sets ...) are configured in ALIS Connect Settings."
async fn configure_profiles(maple: &Maple) -> Result<(), Failure> {
    heading("ALIS Connect Settings");
    let door = &maple.door;
    let permit = maple.may(EditProfiles).await?;
    let profiles = door.profiles(&permit).await?;
    let full = profiles
        .iter()
        .find(|read| read.value.name().as_str() == "Family - Full");
    let full = full.ok_or("no such profile")?;
    let without_medications: PermissionSet = ["view_evaluations", "view_invoices", "pay_invoices"]
        .iter()
        .map(|name| Ok((name.parse()?, Reach::Assigned)))
        .collect::<Result<_, Failure>>()?;
    let id = full.value.id();
    let preview = door
        .preview_profile(&permit, id, without_medications.clone())
        .await?;
    for row in preview.rows() {
        say(&format!(
            "{} holder would lose {}.",
            row.holders, row.difference.lost
        ));
    }
    door.edit_profile(permit, id, full.version, without_medications)
        .await?;
    if let Err(refused) = door
        .delete_profile(maple.may(EditProfiles).await?, id)
        .await
    {
        say(&format!("Deleting it: {refused}."));
    }
    Ok(())
}

/// "Help a user regain access if they are locked out."
async fn reset_password(maple: &Maple) -> Result<(), Failure> {
    heading("Options: Reset Password");
    let Maple { door, tenant, .. } = maple;
    let lena = maple.member().await?;
    for _ in 0..20 {
        let _ = sign_in(door, *tenant, LENA, "was it herons or hares").await;
    }
    if let Err(refused) = sign_in(door, *tenant, LENA, PASSWORD).await {
        say(&format!(
            "After twenty guesses even the right password is refused: {refused}."
        ));
    }
    door.send_reset(maple.may(ResetCredentials).await?, lena)
        .await?;
    let link = mailed(door, LENA).await?;
    door.reset_password(&link, &SecretString::from("five brown otters swim"), None)
        .await?;
    sign_in(door, *tenant, LENA, "five brown otters swim").await?;
    say("The mailed link sets a new password and lifts the lock.");

    let permit = maple.may(ResetCredentials).await?;
    let issued = door
        .issue_temporary_password(permit, lena, Handover::Shown)
        .await?;
    let shown = issued.password.ok_or("it was not shown")?;
    say(&format!(
        "A temporary password is shown to Ana once; it ends at {}.",
        world::written(issued.expires_at)
    ));
    let credential = Credential::Password(shown);
    let opened = door
        .sign_in(*tenant, Channel::Portal, LENA, credential, None)
        .await?;
    if let SignedIn::NewPassword { ticket, .. } = opened {
        let own = SecretString::from(PASSWORD);
        door.set_new_password(ticket.expose_secret(), &own, None)
            .await?;
        say("It opens one page, where Lena sets a password of her own.");
    }
    Ok(())
}

/// "Email them the direct URL to the login page."
async fn send_login_link(maple: &Maple) -> Result<(), Failure> {
    heading("Options: Send Login Link");
    let lena = maple.member().await?;
    maple
        .door
        .send_login_link(maple.may(ResetCredentials).await?, lena)
        .await?;
    mailed(&maple.door, LENA).await?;
    Ok(())
}

/// "Immediately revoke the user's ability to log in to ALIS Connect."
async fn disable_access(maple: &Maple) -> Result<(), Failure> {
    heading("Two months later: Disable Access");
    let door = &maple.door;
    maple.clock.pass(Duration::days(60));
    let session = sign_in(door, maple.tenant, LENA, PASSWORD).await?;
    let lena = maple.member().await?;
    door.disable_access(maple.may(ManageMembers).await?, lena)
        .await?;
    if let Err(over) = door.resume(&session).await {
        say(&format!("Lena's next click: {over}."));
    }
    if let Err(refused) = sign_in(door, maple.tenant, LENA, PASSWORD).await {
        say(&format!("Lena's next sign-in: {refused}."));
    }
    tell(&maple.row_of_lena().await?);
    Ok(())
}

/// "You can audit exactly who has access to your community's data."
async fn audit(maple: &Maple) -> Result<(), Failure> {
    heading("Audit");
    let door = &maple.door;
    let permit = maple.may(ViewAccess).await?;
    for viewer in door
        .who_can_see(&permit, maple.rose.into(), Alis::VIEW_INVOICES)
        .await?
    {
        let name = viewer
            .name
            .map_or_else(String::new, |name| name.to_string());
        let why: Vec<String> = viewer.why.iter().map(ToString::to_string).collect();
        say(&format!(
            "Rose's invoices can be seen by {name}: {}.",
            why.join(", ")
        ));
    }
    let mut file = Vec::new();
    let permit = maple.may(Export).await?;
    door.access_report(&permit, ReportOptions::default(), &mut file)
        .await?;
    let mut rows = csv::Reader::from_reader(file.as_slice());
    for row in rows.records() {
        let row = row?;
        let first: Vec<&str> = row.iter().skip(1).take(10).collect();
        say(&format!("Export: {}", first.join(" | ")));
    }
    let permit = maple.may(ReadAudit).await?;
    let query = Query::of(Scope::Tenant(maple.tenant));
    let page = door
        .read_audit(&permit, &query, PersonalData::Withheld, None, Limit::MAX)
        .await?;
    let mut lines: Vec<String> = page.rows.iter().map(|row| told(&row.entry)).collect();
    lines.sort();
    lines.iter().for_each(|line| say(line));
    Ok(())
}

/// An entry as one line: when, what, and how it ended.
fn told(entry: &Entry) -> String {
    let (at, outcome) = (world::written(entry.recorded_at()), entry.outcome().kind());
    format!("{at}: {} ({})", entry.action(), outcome.as_str())
}

impl Maple {
    async fn may<A: Act>(&self, act: A) -> Result<Permit<A>, Failure> {
        // Every act takes Ana a minute.
        self.clock.pass(Duration::MINUTE);
        Ok(self.door.authorise(&self.ana, act).await?)
    }

    async fn row_of_lena(&self) -> Result<ContactRow, Failure> {
        let permit = self.may(ViewAccess).await?;
        let page = self.door.resident_access(&permit, self.rose.into()).await?;
        let mut contacts = page.contacts.into_iter();
        let row = contacts.find(|row| row.person == self.lena);
        row.ok_or_else(|| "Lena is not on record".into())
    }

    async fn member(&self) -> Result<MembershipId, Failure> {
        let row = self.row_of_lena().await?;
        row.membership.ok_or_else(|| "Lena has not joined".into())
    }
}

async fn record(
    door: &Doorward,
    permit: Permit<ManagePeople>,
    kind: &str,
    name: &str,
    email: &str,
) -> Result<PersonId, Failure> {
    let person = NewPerson {
        kind: kind.parse()?,
        name: DisplayName::new(name)?,
        email: Some(EmailAddress::new(email)?),
        cell: None,
        note: Note::default(),
        reference: None,
        data: match kind {
            "resident" => DataAbout::ThisPerson,
            _ => DataAbout::Nobody,
        },
    };
    Ok(door.record_person(permit, person).await?)
}

fn named(
    profiles: &[doorward::ProfileChoice],
    name: &str,
) -> Result<doorward::types::ProfileId, Failure> {
    let choice = profiles.iter().find(|choice| choice.name.as_str() == name);
    Ok(choice.ok_or("no such profile")?.id)
}

/// Delivers what is due and returns the link of the mail to this address.
async fn mailed(door: &Doorward, address: &str) -> Result<String, Failure> {
    let mut link = None;
    for mail in world::post(door).await? {
        say(&format!(
            "Mail to {}: {}",
            mail.to().address(),
            mail.subject().as_str()
        ));
        if mail.to().address().as_str() == address
            && let Some(found) = world::link(&mail)
        {
            link = Some(found.to_owned());
        }
    }
    link.ok_or_else(|| format!("no link was mailed to {address}").into())
}

async fn accept(door: &Doorward, link: &str, name: &str) -> Result<(), Failure> {
    let inspection = door.inspect_invitation(link).await?;
    let Next::Register { terms } = inspection.next else {
        return Err("the link does not register".into());
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

async fn sign_in(
    door: &Doorward,
    tenant: TenantId,
    name: &str,
    password: &str,
) -> Result<Session, Failure> {
    let credential = Credential::Password(SecretString::from(password));
    match door
        .sign_in(tenant, Channel::Portal, name, credential, None)
        .await?
    {
        SignedIn::Session(session) => Ok(session),
        SignedIn::NewPassword { .. } => Err("a new password has to be set first".into()),
    }
}

/// Tells a row of the page as the page shows it.
fn tell(row: &ContactRow) {
    let mut text = format!("{}: {}", row.name, row.status);
    if let Some((_, profile)) = &row.profile {
        text.push_str(&format!(", {profile}"));
    }
    if let Some(invitation) = &row.invitation
        && let Some(days) = invitation.expires_in_days()
    {
        let at = world::written(invitation.invited_at);
        text.push_str(&format!(
            ", invited at {at}. Invitation expires in {days} days"
        ));
    }
    say(&format!("{text}."));
}

fn heading(text: &str) {
    println!("\n{text}");
}

fn say(text: &str) {
    println!("  {text}");
}
