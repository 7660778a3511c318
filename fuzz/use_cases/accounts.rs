//! People, accounts, signing in, passwords and addresses.

use doorward::{
    AccountDetails, Credential, DataAbout, ManageAccounts, ManagePeople, NewRelationship,
    OwnAccount, PersonRow, Reauthentication, ResetCredentials,
    identity::{DisabledReason, Handover, Link, PersonDetails},
    storage::Limit,
    types::{Channel, Note},
};

use super::UseCase;
use crate::{
    fixture::{PASSWORD, block_on, email, kind, name},
    stage::{Answer, Stage, Stopped, ended, read},
};

pub(super) const USE_CASES: &[(&str, UseCase)] = &[
    ("accept_address_proposal", |s| {
        let permit = s.permit(&s.guest.session, OwnAccount)?;
        read(block_on(s.door.address_proposal(&permit)))?;
        let proof = Reauthentication::FreshSession;
        ended(block_on(s.door.accept_address_proposal(permit, proof)))
    }),
    ("account_form", |s| {
        let permit = s.may(ManageAccounts)?;
        read(block_on(s.door.account_form(&permit, s.worker)))
    }),
    ("activate", |s| {
        ended(block_on(s.door.activate(&s.activation_link, &new(), None)))
    }),
    ("add_relationship", |s| {
        let permit = s.may(ManagePeople)?;
        let relative = NewRelationship {
            person: s.worker,
            subject: s.residents[1].into(),
            label: name("Daughter"),
            link: Link::Listed,
        };
        ended(block_on(s.door.add_relationship(permit, relative)))
    }),
    ("change_password", |s| {
        let permit = s.permit(&s.nurse.session, OwnAccount)?;
        let current = PASSWORD.to_owned().into();
        ended(block_on(s.door.change_password(permit, current, new())))
    }),
    ("change_person", |s| {
        let permit = s.may(ManagePeople)?;
        let form = block_on(s.door.person(&permit, s.worker)).map_err(|_| Stopped::Failed)?;
        let details = PersonDetails {
            kind: kind("staff"),
            name: name("Wera"),
            email: Some(email("wera@example.org")),
            cell: None,
            note: Note::default(),
        };
        ended(block_on(s.door.change_person(
            permit,
            s.worker,
            form.version,
            details,
        )))
    }),
    ("close_account", |s| {
        let permit = s.may(ManageAccounts)?;
        ended(block_on(s.door.close_account(permit, s.office)))
    }),
    ("convert_account", |s| {
        let permit = s.may(ManageAccounts)?;
        ended(block_on(s.door.convert_account(permit, s.office)))
    }),
    ("disable_account", |s| {
        let permit = s.may(ManageAccounts)?;
        let reason = DisabledReason::Administrator;
        ended(block_on(s.door.disable_account(
            permit,
            s.nurse.membership,
            reason,
        )))
    }),
    ("dispatch", |s| {
        let mailer = &*s.house.mailer;
        let handed = s.door.dispatch_once(mailer, s.house.now(), Limit::MAX);
        let answer = read(block_on(handed));
        let _ = s.house.mailer.take();
        answer
    }),
    ("edit_account", |s| {
        let permit = s.may(ManageAccounts)?;
        let form = block_on(s.door.account_form(&permit, s.worker));
        let form = form.map_err(|_| Stopped::Failed)?;
        let details = AccountDetails {
            name: name("Wera"),
            cell: None,
            note: Note::default(),
        };
        ended(block_on(s.door.edit_account(
            permit,
            s.office,
            form.version,
            details,
        )))
    }),
    ("end_relationship", |s| {
        let permit = s.may(ManagePeople)?;
        ended(block_on(s.door.end_relationship(permit, s.relationship)))
    }),
    ("erase_account", |s| {
        let permit = s.may(ManageAccounts)?;
        ended(block_on(s.door.erase_account(permit, s.office_account)))
    }),
    ("forget_address_proposals", |s| {
        let later = s.house.now() + time::Duration::days(30);
        read(block_on(s.door.forget_address_proposals(later, Limit::MAX)))
    }),
    ("import_people", |s| {
        let permit = s.may(ManagePeople)?;
        let row = PersonRow {
            reference: "P1".to_owned(),
            kind: kind("staff"),
            name: "Wera Жук".to_owned(),
            email: "office@example.org".to_owned(),
            cell: String::new(),
            note: String::new(),
            data: DataAbout::Nobody,
        };
        ended(block_on(s.door.import_people(permit, [row])))
    }),
    ("issue_temporary_password", |s| {
        let permit = s.may(ResetCredentials)?;
        let shown = Handover::Mailed;
        ended(block_on(s.door.issue_temporary_password(
            permit,
            s.nurse.membership,
            shown,
        )))
    }),
    ("propose_address", |s| {
        let permit = s.may(ManageAccounts)?;
        let new = email("another@example.org");
        ended(block_on(s.door.propose_address(
            permit,
            s.guest.membership,
            new,
        )))
    }),
    ("propose_address_of_a_managed_account", |s| {
        let permit = s.may(ManageAccounts)?;
        let new = email("another@example.org");
        ended(block_on(s.door.propose_address(
            permit,
            s.nurse.membership,
            new,
        )))
    }),
    ("record_person", |s| {
        let permit = s.may(ManagePeople)?;
        ended(block_on(s.door.record_person(permit, Stage::new_person())))
    }),
    ("refuse_address_proposal", |s| {
        let permit = s.permit(&s.guest.session, OwnAccount)?;
        ended(block_on(s.door.refuse_address_proposal(permit)))
    }),
    ("relationship", |s| {
        let permit = s.may(ManagePeople)?;
        let form = block_on(s.door.relationship(&permit, s.relationship));
        let form = form.map_err(|_| Stopped::Failed)?;
        let (door, link) = (&s.door, Link::Assigned);
        ended(block_on(door.change_relationship(
            permit,
            s.relationship,
            form.version,
            name("Niece"),
            link,
        )))
    }),
    ("rename_account", |s| {
        let permit = s.may(ManageAccounts)?;
        let renamed = Some("wera.жукк".parse().map_err(|_| Stopped::Refused)?);
        ended(block_on(s.door.rename_account(permit, s.office, renamed)))
    }),
    ("request_address_change", |s| {
        let permit = s.permit(&s.guest.session, OwnAccount)?;
        let proof = Reauthentication::Password(PASSWORD.to_owned().into());
        let new = email("moved@example.org");
        ended(block_on(s.door.request_address_change(permit, proof, new)))
    }),
    ("resend_activation", |s| {
        let permit = s.may(ManageAccounts)?;
        ended(block_on(s.door.resend_activation(permit, s.office)))
    }),
    ("reset_password", |s| {
        ended(block_on(s.door.inspect_link(&s.reset_link)))?;
        ended(block_on(s.door.reset_password(&s.reset_link, &new(), None)))
    }),
    ("resolve_resets", |s| {
        read(block_on(s.door.resolve_resets(s.house.now(), Limit::MAX)))
    }),
    ("restore_account", |s| {
        let permit = s.may(ManageAccounts)?;
        ended(block_on(s.door.restore_account(permit, s.nurse.membership)))
    }),
    ("send_login_link", |s| {
        let permit = s.may(ResetCredentials)?;
        ended(block_on(s.door.send_login_link(permit, s.nurse.membership)))
    }),
    ("send_reset", |s| {
        let permit = s.may(ResetCredentials)?;
        ended(block_on(s.door.send_reset(permit, s.nurse.membership)))
    }),
    ("mail_pin", |s| {
        let permit = s.may(ResetCredentials)?;
        ended(block_on(s.door.mail_pin(permit, s.nurse.membership)))
    }),
    ("sign_in", |s| signed_in(s, "nurse@example.org", PASSWORD)),
    ("sign_in_by_a_wrong_password", |s| {
        signed_in(s, "nurse@example.org", "wrong")
    }),
    ("sign_in_by_an_unknown_name", |s| {
        signed_in(s, "nobody@example.org", "wrong")
    }),
    ("sign_in_by_user_name", |s| {
        signed_in(s, "wera.жук", PASSWORD)
    }),
];

fn new() -> secrecy::SecretString {
    "nine green herons stand".to_owned().into()
}

fn signed_in(s: &Stage, who: &str, typed: &str) -> Answer {
    let credential = Credential::Password(typed.to_owned().into());
    let tenant = s.house.tenant();
    let door = &s.door;
    ended(block_on(door.sign_in(
        tenant,
        Channel::Portal,
        who,
        credential,
        None,
    )))
}
