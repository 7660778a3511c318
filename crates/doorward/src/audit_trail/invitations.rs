//! What the events of invitations say in the audit log. Addresses go into side rows.

use doorward_audit::{Action, Category, Code, Value};
use doorward_invitations::{AcceptPath, Attested, DeclinePath, DeclineReason, Event, Sponsor};
use doorward_types::{Delivery, SubjectOffer};

use super::{Draft, access::switched_on};

pub(crate) fn invitation(event: &Event) -> Draft {
    let draft = |action| Draft::new(action, event.invitation());
    match event {
        Event::Issued {
            invitation: _,
            address,
            person,
            offer,
            sponsor,
            attested,
            generation,
            expires_at,
        } => subjects(draft(Action::INVITATION_ISSUE), offer.subjects())
            .after("kind", offer.kind().clone())
            .after("role", offer.role().cloned())
            .after("levels", offer.levels())
            .after("switches", switched_on(offer.switches()))
            .fact("person", *person)
            .fact("sponsor", sponsor_code(*sponsor))
            .fact("attested", attested_code(attested))
            .fact("generation", generation.number())
            .fact("expires_at", *expires_at)
            .personal("address", address),
        Event::Resent {
            invitation: _,
            was,
            sponsor,
            generation,
            expires_at,
        } => draft(Action::INVITATION_RESEND)
            .before("sponsor", sponsor_code(*was))
            .after("sponsor", sponsor_code(*sponsor))
            .fact("generation", generation.number())
            .fact("expires_at", *expires_at),
        Event::Reminded {
            invitation: _,
            generation,
            expires_at,
        } => draft(Action::declare("invitation.remind", Category::Update))
            .fact("generation", generation.number())
            .fact("expires_at", *expires_at),
        Event::Amended {
            invitation: _,
            sponsor,
            added,
            withdrawn,
            attested,
            generation,
            expires_at,
        } => subjects(draft(Action::INVITATION_AMEND), added)
            .before("withdrawn", Value::codes(withdrawn))
            .fact("sponsor", sponsor_code(*sponsor))
            .fact("attested", attested_code(attested))
            .fact("generation", generation.number())
            .fact("expires_at", *expires_at),
        Event::Adopted {
            invitation: _,
            was,
            sponsor,
        } => draft(Action::INVITATION_ADOPT)
            .before("sponsor", sponsor_code(*was))
            .after("sponsor", sponsor_code(*sponsor)),
        Event::Revoked {
            invitation: _,
            by: _,
        } => draft(Action::INVITATION_REVOKE),
        Event::Declined {
            invitation: _,
            reason,
            path,
            sponsor,
        } => {
            let account = match path {
                DeclinePath::Link => None,
                DeclinePath::Account(account) => Some(*account),
            };
            let words = match reason {
                DeclineReason::Other(note) => Some(note),
                DeclineReason::NotMe | DeclineReason::NotWanted => None,
            };
            draft(Action::INVITATION_DECLINE)
                .fact("reason", reason_code(reason))
                .fact("account", account)
                .fact("sponsor", sponsor_code(*sponsor))
                .personal_if("words", words)
        }
        Event::Accepted {
            invitation: _,
            account,
            membership,
            path,
            agreements,
            sponsor,
        } => {
            let path = match path {
                AcceptPath::Registered => Code::declare("registered"),
                AcceptPath::SignedIn => Code::declare("signed_in"),
            };
            let agreed = agreements.iter().map(|agreement| &agreement.statement.name);
            draft(Action::INVITATION_ACCEPT)
                .fact("account", *account)
                .fact("membership", *membership)
                .fact("path", path)
                .fact("agreed", Value::codes(agreed))
                .fact("sponsor", sponsor_code(*sponsor))
        }
        Event::Replaced { invitation: _, by } => draft(Action::INVITATION_REPLACE).fact("by", *by),
        Event::ExpiryNoted {
            invitation: _,
            expired_at,
            sponsor,
        } => draft(Action::declare("invitation.expire", Category::Update))
            .fact("expired_at", *expired_at)
            .fact("sponsor", sponsor_code(*sponsor)),
        Event::DeliveryRecorded {
            invitation: _,
            generation,
            was,
            status,
        } => draft(Action::MAIL_SETTLE)
            .before("delivery", delivery_code(*was))
            .after("delivery", delivery_code(*status))
            .fact("generation", generation.number()),
    }
}

fn subjects(draft: Draft, subjects: &[SubjectOffer]) -> Draft {
    let about = match subjects {
        [only] => draft.about(only.subject),
        _ => draft,
    };
    about
        .after(
            "subjects",
            Value::codes(subjects.iter().map(|offer| offer.subject)),
        )
        .after(
            "profiles",
            Value::codes(subjects.iter().map(|offer| offer.profile)),
        )
}

fn sponsor_code(sponsor: Sponsor) -> Code {
    match sponsor {
        Sponsor::Member(membership) => membership.into(),
        Sponsor::Operator => Code::declare("operator"),
    }
}

fn attested_code(attested: &[Attested]) -> Value {
    Value::codes(
        attested
            .iter()
            .map(|sworn| &sworn.attestation.statement.name),
    )
}

const fn delivery_code(status: Delivery) -> Code {
    Code::declare(status.as_str())
}

const fn reason_code(reason: &DeclineReason) -> Code {
    Code::declare(reason.as_str())
}
