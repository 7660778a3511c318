//! A month of one practice, under the headings of the article that describes the product.

use std::collections::BTreeSet;

use doorward::{
    Caller, EditMemberDetails, Error, InvitationRef, Invite, ManageGroups, ManageMembers,
    OpenSupport, OwnAccount, PersonalData, ReadAudit, RegisterForm, ViewAccess,
    access::{Access, Record},
    audit::Query,
    identity::Session,
    invitations::{Confirmed, Next},
    storage::Limit,
    types::{
        AgentName, DisplayName, InvitationId, Levels, Principal, RoleName, Scope, SubjectId, Switch,
    },
};
use doorward_examples::world::Failure;
use secrecy::SecretString;
use time::Duration;

use super::{
    Kalix,
    desk::{Desk, heading, link_to, or_nothing, post, selected, switches, user},
    newcomers::PASSWORD,
};

pub(super) async fn live() -> Result<(), Failure> {
    let desk = Desk::begin().await?;
    let sent = desk.inviting_new_users().await?;
    let invited = desk.revoke_or_resend(sent).await?;
    let clio = desk.new_to_kalix(&invited.clio).await?;
    let sam = desk.existing_account(&invited.sam).await?;
    desk.pending_invitations_expire().await?;
    desk.viewing_users(&clio).await?;
    let client = desk.assigned_clients(&clio, &sam).await?;
    desk.modifying_access(&clio).await?;
    desk.user_groups(&clio, &sam).await?;
    desk.my_details(&sam).await?;
    desk.removing_users(&sam).await?;
    desk.kalix_support(client).await?;
    desk.what_the_log_says().await
}

/// The links of two mails.
struct Links {
    clio: String,
    sam: String,
}

/// What Dana sent on the first day.
struct Sent {
    clio: String,
    old_link_of_sam: String,
    sam: InvitationId,
    typo: InvitationId,
}

impl Desk {
    /// "If you have the role of director, you can invite other users to your account."
    async fn inviting_new_users(&self) -> Result<Sent, Failure> {
        heading("Inviting New Users to Your Account");
        let form = self
            .door
            .invite_form_of(&self.may(Invite).await?, &user()?)
            .await?;
        println!("The form offers these roles, with these permissions selected:");
        for choice in &form.roles {
            println!(
                "  {:<15}{}",
                choice.role.as_str(),
                selected(&choice.switches)
            );
        }
        println!(
            "An invitation is good for {} days.",
            form.lifetime.duration().whole_days()
        );

        let only_assigned = ("access_only_assigned_clients", Switch::On);
        self.invite("clio@harbour.example", "clinical", &[only_assigned])
            .await?;
        let clio = link_to("clio@harbour.example", &post(&self.door).await?)?;
        let sam = self.invite("sam@okafor.example", "supervisor", &[]).await?;
        let old_link_of_sam = link_to("sam@okafor.example", &post(&self.door).await?)?;
        self.invite("ada@harbour.example", "administrative", &[])
            .await?;
        let typo = self
            .invite("clioo@harbour.example", "clinical", &[])
            .await?;
        post(&self.door).await?;
        self.print_pending().await?;
        Ok(Sent {
            clio,
            old_link_of_sam,
            sam,
            typo,
        })
    }

    async fn revoke_or_resend(&self, sent: Sent) -> Result<Links, Failure> {
        heading("Revoke or Resend Pending Invitations");
        self.door
            .revoke_invitation(self.may(Invite).await?, sent.typo)
            .await?;
        println!("Dana revokes the invitation that went to a mistyped address.");
        self.pass(Duration::days(2));
        self.door
            .resend_invitation(self.may(Invite).await?, sent.sam)
            .await?;
        println!("Sam has lost his mail. Dana resends it two days later.");
        let sam = link_to("sam@okafor.example", &post(&self.door).await?)?;
        if let Err(Error::Rejected(refused)) =
            self.door.inspect_invitation(&sent.old_link_of_sam).await
        {
            println!("His old link says: {}.", refused.outward());
        }
        self.print_pending().await?;
        Ok(Links {
            clio: sent.clio,
            sam,
        })
    }

    /// "If the user is new to Kalix."
    async fn new_to_kalix(&self, link: &str) -> Result<Session, Failure> {
        heading("Accepting Invitations: the user is new to Kalix");
        let form = RegisterForm {
            name: DisplayName::new("Clio Marsh")?,
            password: SecretString::from(PASSWORD),
            agreed: BTreeSet::new(),
        };
        let unread = self
            .door
            .accept_by_link(link, form, Confirmed::by_post(), None)
            .await;
        if let Err(Error::Rejected(refused)) = unread {
            println!(
                "Clio clicks Register at once and is told: {}.",
                refused.outward()
            );
        }
        self.register(link, "Clio Marsh").await?;
        println!("Then she reads the Terms and Conditions and the Privacy Policy, and registers.");
        self.sign_in(self.tenant, "clio@harbour.example").await
    }

    /// "If the user has an existing Kalix account under this email (including a previous trial
    /// account)."
    async fn existing_account(&self, link: &str) -> Result<Session, Failure> {
        heading("Accepting Invitations: the user has an existing Kalix account");
        let operator = self.door.operator();
        let trial = super::practice(
            "Okafor Nutrition, trial",
            "Sam Okafor",
            "sam@okafor.example",
        )?;
        let trial = self.door.create_tenant(&operator, trial).await?.tenant;
        let own = link_to("sam@okafor.example", &post(&self.door).await?)?;
        self.register(&own, "Sam Okafor").await?;
        println!("Sam had a trial account. The link of Dana's mail now leads him to the log-in:");
        let inspection = self.door.inspect_invitation(link).await?;
        println!("  what he can do with it: {}", doing(&inspection.next));

        let at_home = self.sign_in(trial, "sam@okafor.example").await?;
        let permit = self.door.authorise(&at_home, OwnAccount).await?;
        for request in self.door.invite_requests(&permit).await? {
            let role = or_nothing(request.role);
            println!(
                "  Invite Requests: {} asks him to join as {role}.",
                request.tenant_name
            );
            let invitation = InvitationRef {
                tenant: request.tenant,
                invitation: request.invitation,
            };
            let permit = self.door.authorise(&at_home, OwnAccount).await?;
            self.step();
            self.door
                .accept_signed_in(permit, invitation, Confirmed::by_post())
                .await?;
            println!("  Sam clicks Accept.");
        }
        self.sign_in(self.tenant, "sam@okafor.example").await
    }

    /// "For security purposes, pending invitations expire after seven days."
    async fn pending_invitations_expire(&self) -> Result<(), Failure> {
        heading("A pending invitation expires");
        self.pass(Duration::days(5));
        self.print_pending().await?;
        let late = self.pending().await?.into_iter().next();
        let late = late.ok_or("Ada's invitation is pending")?;
        let permit = self.may(Invite).await?;
        if let Err(refused) = self.door.resend_invitation(permit, late.0).await {
            println!("Resending it is refused: {refused}.");
        }
        self.invite("ada@harbour.example", "administrative", &[])
            .await?;
        let link = link_to("ada@harbour.example", &post(&self.door).await?)?;
        self.register(&link, "Ada Lind").await?;
        println!("Dana sends a new one, and Ada accepts it.");
        Ok(())
    }

    async fn viewing_users(&self, clio: &Session) -> Result<(), Failure> {
        heading("Viewing Users in Your Account");
        self.print_users().await?;
        println!("On the appointment calendar these can be chosen:");
        let permit = self.door.authorise(clio, OwnAccount).await?;
        let clinicians = self
            .door
            .members_holding(&permit, Kalix::BE_SCHEDULED, None, Limit::MAX)
            .await?;
        for clinician in clinicians.rows {
            println!("  {}", or_nothing(clinician.name));
        }
        Ok(())
    }

    /// "Access Only Assigned Clients: select to prevent users from accessing and editing clients that
    /// are not assigned to them."
    async fn assigned_clients(&self, clio: &Session, sam: &Session) -> Result<SubjectId, Failure> {
        heading("Clients, and who reaches them");
        let of_sam = self.take_on(sam, "Ines Duarte").await?;
        let of_clio = self.take_on(clio, "Jonah Weiss").await?;
        println!("Sam takes Ines Duarte on; Clio takes Jonah Weiss on, who is assigned to her.");
        for (name, client) in [("Jonah Weiss", of_clio), ("Ines Duarte", of_sam)] {
            let permit = self.may(ViewAccess).await?;
            let record = Record::of(client);
            let why = self
                .door
                .explain(&permit, clio.membership, Kalix::EDIT_CLIENTS, &record)
                .await?;
            println!("  May Clio edit {name}? {why}.");
        }
        Ok(of_sam)
    }

    /// "Directors can modify other users' permissions and roles (access level)."
    async fn modifying_access(&self, clio: &Session) -> Result<(), Failure> {
        heading("Modifying User Access & Permissions");
        let form = self
            .door
            .member(&self.may(ManageMembers).await?, clio.membership)
            .await?;
        let no_billing = Access {
            role: form.value.role().cloned(),
            levels: Levels::none(),
            switches: switches(&[("access_billing", Switch::Off)])?,
        };
        self.door
            .edit_access(
                self.may(ManageMembers).await?,
                clio.membership,
                form.version,
                no_billing,
            )
            .await?;
        println!("Dana hides billing from Clio. Clio's menu, without signing in again:");
        println!("  {}", self.menu(clio).await?);

        let form = self
            .door
            .member(&self.may(ManageMembers).await?, clio.membership)
            .await?;
        let role = RoleName::new("supervisor")?;
        let supervisor = Access {
            switches: self.door.catalog().preselected(&user()?, Some(&role)),
            role: Some(role),
            levels: Levels::none(),
        };
        let permit = self.may(ManageMembers).await?;
        let shown = self
            .door
            .preview_access(&permit, clio.membership, supervisor.clone())
            .await?;
        let gained: Vec<_> = shown.gained.iter().map(|(name, _)| name.as_str()).collect();
        println!(
            "Making Clio a Supervisor would give her: {}.",
            gained.join(", ")
        );
        self.door
            .edit_access(permit, clio.membership, form.version, supervisor)
            .await?;
        println!("Dana saves that; \"Access Only Assigned Clients\" goes with the Clinical role.");
        Ok(())
    }

    async fn user_groups(&self, clio: &Session, sam: &Session) -> Result<(), Failure> {
        heading("Creating, Editing & Assigning User Groups");
        let name = |name| DisplayName::new(name);
        let permit = self.may(ManageGroups).await?;
        let dietitians = self.door.create_group(permit, name("Dietitans")?).await?;
        let permit = self.may(ManageGroups).await?;
        let north = self.door.create_group(permit, name("North shore")?).await?;
        let permit = self.may(ManageGroups).await?;
        self.door
            .rename_group(permit, dietitians, name("Dietitians")?)
            .await?;
        for (member, groups) in [
            (clio.membership, BTreeSet::from([dietitians, north])),
            (sam.membership, BTreeSet::from([dietitians])),
        ] {
            let permit = self.may(ManageGroups).await?;
            self.door.assign_groups(permit, member, groups).await?;
        }
        let permit = self.may(ManageGroups).await?;
        self.door.delete_group(permit, north).await?;
        println!("Dana makes two groups, corrects a name, sorts Clio and Sam in, deletes one.");
        let permit = self.door.authorise(clio, OwnAccount).await?;
        for group in self.door.groups(&permit).await? {
            println!("  Clio sees the group {}.", group.name());
        }
        self.step();
        if self.door.authorise(clio, ManageGroups).await.is_err() {
            println!("  Managing groups is refused to her: that is the Director's.");
        }
        Ok(())
    }

    /// "If you are your account director, Kalix also allows you to edit other users' My Details
    /// page."
    async fn my_details(&self, sam: &Session) -> Result<(), Failure> {
        heading("Editing Other Users' My Details Page");
        let permit = self.may(EditMemberDetails).await?;
        let form = self.door.member_details(&permit, sam.membership).await?;
        let mut details = form.value;
        details.title = Some(DisplayName::new("Dietitian, clinical lead")?);
        self.door
            .edit_member_details(permit, sam.membership, form.version, details)
            .await?;
        println!("Dana gives Sam a title.");
        self.print_users().await
    }

    async fn removing_users(&self, sam: &Session) -> Result<(), Failure> {
        heading("Removing Users");
        let permit = self.may(ManageMembers).await?;
        self.door.remove_member(permit, sam.membership).await?;
        println!("Sam moves on and Dana removes him. His open page answers at once:");
        if let Err(over) = self.door.resume(sam).await {
            println!("  {over}.");
        }
        let permit = self.may(ManageMembers).await?;
        if let Err(refused) = self.door.remove_member(permit, self.dana.membership).await {
            println!("Dana cannot remove herself: {refused}.");
        }
        self.print_users().await
    }

    /// "Our access automatically expires after seven days, and you can also revoke this access at any
    /// time."
    async fn kalix_support(&self, client: SubjectId) -> Result<(), Failure> {
        heading("Inviting Kalix Support to Your Account");
        let opened = self.door.open_support(self.may(OpenSupport).await?).await?;
        let until = or_nothing(opened.until.map(|until| until.date()));
        println!("Dana ticks the box: support is in until {}.", until);
        let pat = || -> Result<Caller, Failure> {
            Ok(Caller::Support {
                tenant: self.tenant,
                support: opened.support,
                agent: AgentName::new("pat")?,
            })
        };
        let record = Record::of(client);
        let reads = self
            .door
            .check(pat()?, Kalix::VIEW_CLIENTS, &record)
            .await?;
        let writes = self
            .door
            .check(pat()?, Kalix::EDIT_CLIENTS, &record)
            .await?;
        println!(
            "  Pat of support may see a client: {}; change one: {}.",
            yes(reads.allowed().is_ok()),
            yes(writes.allowed().is_ok())
        );
        self.step();
        if let Err(refused) = self.door.authorise(pat()?, Invite).await {
            println!("  Pat tries to invite somebody: {refused}.");
        }
        self.pass(Duration::days(7));
        if let Err(over) = self.door.standing(pat()?).await {
            println!("Seven days later: {over}.");
        }
        self.door.open_support(self.may(OpenSupport).await?).await?;
        self.door
            .close_support(self.may(OpenSupport).await?)
            .await?;
        println!("Dana ticks the box once more, and unticks it when all is well.");
        Ok(())
    }

    async fn what_the_log_says(&self) -> Result<(), Failure> {
        heading("What the audit log says");
        let permit = self.may(ReadAudit).await?;
        let query = Query::of(Scope::Tenant(self.tenant));
        let page = self
            .door
            .read_audit(&permit, &query, PersonalData::Withheld, None, Limit::MAX)
            .await?;
        let entries = page.rows.iter().rev().map(|row| &row.entry);
        for entry in entries.filter(|entry| *entry.actor() != Principal::System) {
            println!(
                "  {}  {:<11}{:<26}{}",
                entry.recorded_at().date(),
                entry.actor().kind(),
                entry.action().code().as_str(),
                entry.outcome().kind().as_str()
            );
        }
        Ok(())
    }
}

const fn doing(next: &Next) -> &'static str {
    match next {
        Next::Register { .. } => "register",
        Next::SignIn => "sign in",
        Next::Answered => "nothing, it was answered",
    }
}

const fn yes(allowed: bool) -> &'static str {
    if allowed { "yes" } else { "no" }
}
