//! Adopt, and all of a leaver's.

use doorward_invitations::{
    Adopt, AdoptRejection, Event, Invitation, Issue, Sponsor, SponsorVerdict, adoption_plan,
};
use doorward_types::Principal;
use time::Duration;

use crate::fixture::*;

fn by(n: u8) -> Adopt {
    Adopt {
        by: member(n),
        verdict: SponsorVerdict::Within,
    }
}

/// Design 5: "another authorised sponsor may `adopt`".
#[test]
fn another_member_vouches_while_link_and_clock_stay() {
    let (adopted, events) = staff().adopt(by(2), START + Duration::days(1)).unwrap();
    assert_eq!(adopted.sponsor(), Sponsor::Member(member(2)));
    assert_eq!(adopted.mailing(), staff().mailing());
    assert_eq!(adopted.attested(), staff().attested());
    let (was, sponsor) = (Sponsor::Member(member(1)), Sponsor::Member(member(2)));
    assert_eq!(
        events,
        [Event::Adopted {
            invitation: staff().id(),
            was,
            sponsor
        }]
    );
}

#[test]
fn only_who_may_give_the_offer_adopts_it() {
    let above = Adopt {
        verdict: above(),
        ..by(2)
    };
    assert_eq!(
        staff().adopt(above, START).unwrap_err(),
        AdoptRejection::AboveCeiling(shortfall())
    );
    assert_eq!(
        staff().adopt(by(1), START).unwrap_err(),
        AdoptRejection::AlreadySponsor
    );
    let end = START + Duration::days(7);
    assert_eq!(
        staff().adopt(by(2), end).unwrap_err(),
        AdoptRejection::Expired { at: end }
    );
}

/// Design 5: "also all of a leaver's".
#[test]
fn the_plan_answers_for_each_open_invitation_of_the_leaver_and_no_other() {
    let leaver = Sponsor::Member(member(1));
    let make = |n: u8, sponsor| {
        let issue = Issue {
            id: invitation_id(n),
            sponsor,
            ..staff_issue()
        };
        Invitation::issue(issue, &staff_policy(), START).unwrap().0
    };
    let (open, costly) = (make(1, leaver), make(2, leaver));
    let others = make(3, Sponsor::Member(member(7)));
    let (revoked, _) = make(4, leaver).revoke(Principal::System, START).unwrap();
    let all = [open.clone(), costly.clone(), others, revoked];
    let verdict = |it: &Invitation| {
        if it.id() == costly.id() {
            above()
        } else {
            SponsorVerdict::Within
        }
    };
    let plan = adoption_plan(&all, leaver, member(2), verdict, START);
    let outcomes: Vec<_> = plan
        .iter()
        .map(|it| (it.invitation, it.outcome.clone()))
        .collect();
    assert_eq!(
        outcomes,
        [
            (open.id(), Ok(())),
            (costly.id(), Err(AdoptRejection::AboveCeiling(shortfall()))),
        ]
    );
    // The plan says what the command says.
    for planned in plan {
        let it = all.iter().find(|it| it.id() == planned.invitation).unwrap();
        let adopt = Adopt {
            by: member(2),
            verdict: verdict(it),
        };
        assert_eq!(it.clone().adopt(adopt, START).map(|_| ()), planned.outcome);
    }
}
