//! What the events of identity say in the audit log. Names and addresses go into side rows.

use doorward_audit::{Action, Category, Code};
use doorward_identity::{
    Account, AccountEvent, DisabledReason, Handover, Link, PersonEvent, Relationship,
    RelationshipEvent,
};
use doorward_types::PersonId;

use super::Draft;

pub(crate) fn account(account: &Account, event: &AccountEvent) -> Draft {
    let draft = |action| Draft::new(action, account.id());
    match event {
        AccountEvent::Activated { proved } => {
            draft(Action::ACCOUNT_ACTIVATE).personal_if("address", proved.as_ref())
        }
        AccountEvent::ActivationMailed { to, expires_at } => draft(Action::ACTIVATION_SEND)
            .fact("expires_at", *expires_at)
            .personal("address", to),
        AccountEvent::AddressChangeRequested {
            old,
            new,
            stoppable_until,
        } => draft(Action::ADDRESS_PROPOSE)
            .fact("stoppable_until", *stoppable_until)
            .personal("address_before", old)
            .personal("address_after", new),
        AccountEvent::AddressChangeStopped { kept, refused } => draft(Action::ADDRESS_STOP)
            .personal("address", kept)
            .personal("address_refused", refused),
        AccountEvent::AddressChanged { old, new } => draft(Action::ADDRESS_PROVE)
            .personal("address_before", old)
            .personal("address_after", new),
        AccountEvent::AddressReplaced { old, new } => {
            draft(Action::declare("account.replace_address", Category::Update))
                .personal("address_before", old)
                .personal("address_after", new)
        }
        AccountEvent::CellChanged { from, to } => draft(Action::ACCOUNT_UPDATE)
            .personal_if("cell_before", from.as_ref())
            .personal_if("cell_after", to.as_ref()),
        AccountEvent::Closed => draft(Action::ACCOUNT_CLOSE),
        AccountEvent::Converted { from, to } => draft(Action::ACCOUNT_CONVERT)
            .before("class", from.clone())
            .after("class", to.clone()),
        AccountEvent::Disabled { reason, by: _ } => {
            draft(Action::ACCOUNT_DISABLE).fact("reason", disabled_reason(*reason))
        }
        AccountEvent::Erased => draft(Action::ACCOUNT_ERASE),
        AccountEvent::LoginLinkMailed { to } => {
            draft(Action::LOGIN_LINK_SEND).personal("address", to)
        }
        AccountEvent::ManagementEnded { tenant } => {
            draft(Action::declare("account.end_management", Category::Update))
                .before("managed_by", *tenant)
        }
        AccountEvent::MembershipYielded { membership, to } => draft(Action::ACCOUNT_MOVE)
            .fact("membership", *membership)
            .fact("to", *to),
        AccountEvent::NameChanged { from, to } => draft(Action::ACCOUNT_UPDATE)
            .personal("name_before", from)
            .personal("name_after", to),
        AccountEvent::NoteChanged { from, to } => draft(Action::ACCOUNT_UPDATE)
            .personal("note_before", from)
            .personal("note_after", to),
        AccountEvent::OwnershipProved { address } => {
            draft(Action::declare("account.prove_ownership", Category::Update))
                .personal("address", address)
        }
        AccountEvent::PasswordChanged => draft(Action::PASSWORD_SET),
        AccountEvent::PasswordImported => {
            draft(Action::declare("password.import", Category::Update))
        }
        AccountEvent::PasswordReplaced => draft(Action::PASSWORD_SET),
        AccountEvent::PasswordReset => draft(Action::PASSWORD_RESET),
        AccountEvent::PasswordResetMailed { to, expires_at } => {
            draft(Action::PASSWORD_RESET_REQUEST)
                .fact("expires_at", *expires_at)
                .personal("address", to)
        }
        AccountEvent::PasswordUpgraded => {
            draft(Action::declare("password.upgrade", Category::Update))
        }
        AccountEvent::PinMailed { to } => draft(Action::PIN_ISSUE).personal("address", to),
        AccountEvent::Registered {
            class,
            address,
            user_name,
            managed_by,
        } => draft(Action::ACCOUNT_REGISTER)
            .after("class", class.clone())
            .after("managed_by", *managed_by)
            .personal("address", address)
            .personal_if("user_name", user_name.as_ref()),
        AccountEvent::Restored => draft(Action::ACCOUNT_ENABLE),
        AccountEvent::TemporaryPasswordIssued {
            to,
            handover,
            expires_at,
        } => draft(Action::TEMPORARY_PASSWORD_ISSUE)
            .fact("handover", handover_code(*handover))
            .fact("expires_at", *expires_at)
            .personal("address", to),
        AccountEvent::TemporaryPasswordRedeemed => draft(Action::declare(
            "temporary_password.redeem",
            Category::Execute,
        )),
        AccountEvent::UserNameChanged { from, to } => draft(Action::ACCOUNT_UPDATE)
            .personal_if("user_name_before", from.as_ref())
            .personal_if("user_name_after", to.as_ref()),
    }
}

const fn disabled_reason(reason: DisabledReason) -> Code {
    Code::declare(match reason {
        DisabledReason::Administrator => "administrator",
        DisabledReason::Compromise => "compromise",
        DisabledReason::Person => "person",
    })
}

const fn handover_code(handover: Handover) -> Code {
    Code::declare(match handover {
        Handover::Mailed => "mailed",
        Handover::Shown => "shown",
    })
}

pub(crate) fn person(id: PersonId, event: &PersonEvent) -> Draft {
    let draft = |action| Draft::new(action, id);
    match event {
        PersonEvent::Changed { before, after } => draft(Action::PERSON_UPDATE)
            .before("kind", before.kind.clone())
            .after("kind", after.kind.clone())
            .personal("name_before", &before.name)
            .personal("name_after", &after.name)
            .personal_if("address_before", before.email.as_ref())
            .personal_if("address_after", after.email.as_ref())
            .personal_if("cell_before", before.cell.as_ref())
            .personal_if("cell_after", after.cell.as_ref())
            .personal("note_before", &before.note)
            .personal("note_after", &after.note),
        PersonEvent::Recorded { name, kind } => draft(Action::PERSON_CREATE)
            .after("kind", kind.clone())
            .personal("name", name),
    }
}

pub(crate) fn relationship(relationship: &Relationship, event: &RelationshipEvent) -> Draft {
    let draft = |action| {
        Draft::new(action, relationship.id())
            .about(relationship.subject())
            .fact("person", relationship.person())
    };
    match event {
        RelationshipEvent::Added {
            person: _,
            subject: _,
            label,
            link,
        } => draft(Action::RELATIONSHIP_CREATE)
            .after("link", link_code(*link))
            .personal("label", label),
        RelationshipEvent::Ended {
            person: _,
            subject: _,
        } => draft(Action::RELATIONSHIP_END),
        RelationshipEvent::Relabelled { from, to } => draft(Action::RELATIONSHIP_UPDATE)
            .personal("label_before", from)
            .personal("label_after", to),
        RelationshipEvent::Relinked { from, to } => draft(Action::RELATIONSHIP_UPDATE)
            .before("link", link_code(*from))
            .after("link", link_code(*to)),
    }
}

const fn link_code(link: Link) -> Code {
    Code::declare(match link {
        Link::Assigned => "assigned",
        Link::Listed => "listed",
    })
}
