//! What outsiders read.

use doorward_invitations::{
    AcceptPath, AcceptRejection, Accepted, Closed, DeclineRejection, Outward, Replaced, Revoked,
    TokenRefusal,
};
use doorward_types::Principal;

use crate::fixture::*;

fn closed() -> [Closed; 2] {
    [
        Closed::Revoked(Revoked {
            by: Principal::System,
            at: START,
        }),
        Closed::Replaced(Replaced {
            by: invitation_id(2),
            at: START,
        }),
    ]
}

/// ASVS 6.3.8, 16.5.1: whoever has no secret learns nothing of the invitation's state.
#[test]
fn revoked_replaced_unknown_and_another_recipient_read_alike() {
    let mut answers = vec![
        TokenRefusal::Unusable.outward(),
        AcceptRejection::WrongRecipient.outward(),
        AcceptRejection::Refused(TokenRefusal::Unusable).outward(),
        DeclineRejection::WrongRecipient.outward(),
    ];
    answers.extend(closed().map(|closed| AcceptRejection::Closed(closed).outward()));
    answers.extend(closed().map(|closed| DeclineRejection::Closed(closed).outward()));
    assert!(
        answers.iter().all(|answer| *answer == Outward::NotUsable),
        "{answers:?}"
    );
}

#[test]
fn no_outward_answer_names_an_account_a_person_or_a_permission() {
    let accepted = Accepted {
        account: account(1),
        membership: member(1),
        at: START,
        path: AcceptPath::SignedIn,
        agreements: Vec::new(),
        request: None,
    };
    let rejections = [
        AcceptRejection::AlreadyAcceptedByYou(accepted),
        AcceptRejection::AlreadyMember {
            membership: member(1),
        },
        AcceptRejection::Expired { at: START },
        AcceptRejection::LinkUsed,
        AcceptRejection::NeedsReissue(shortfall()),
        AcceptRejection::SignInToAccept,
        AcceptRejection::TermsMissing {
            missing: vec![terms(1)],
        },
    ];
    for rejection in rejections {
        let text = rejection.outward().to_string();
        for secret in ["account", "exist", "view_bills", &member(1).to_string()] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn insiders_read_what_was_wrong_and_what_would_be_right() {
    let reissue = AcceptRejection::NeedsReissue(shortfall()).to_string();
    assert_eq!(
        reissue,
        "the invitation must be adopted or issued anew: the sponsor may not give `view_bills`"
    );
    let [revoked, replaced] = closed().map(|closed| closed.to_string());
    assert!(
        revoked.starts_with("the invitation was revoked at `2026-11-22"),
        "{revoked}"
    );
    assert!(
        replaced.contains(&invitation_id(2).to_string()),
        "{replaced}"
    );
}
