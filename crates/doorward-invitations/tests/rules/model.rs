//! Random command sequences against a plain model: a handful of fields and the rules in words.

use doorward_invitations::{
    Acceptance, Acceptor, AddressClaim, Adopt, AfterExpiry, Amend, Confirmed, DeclineReason,
    Decliner, Declining, DeliveryReport, Event, Invitation, Lifetime, Policy, Resend, Sponsor,
    SponsorVerdict, Status, TokenRefusal,
};
use doorward_types::{AccountId, Delivery, EmailAddress, Principal};
use proptest::{prelude::*, sample::select};
use time::{Duration, OffsetDateTime};

use crate::fixture::*;

#[derive(Clone, Debug)]
enum Step {
    /// Lets time pass; `ToEnd` goes to the end of the link, less or more by so many microseconds.
    Wait(Wait),
    Resend {
        by: u8,
        is_within: bool,
    },
    Remind,
    Amend {
        add: Option<u8>,
        withdraw: Option<u8>,
        is_sworn: bool,
    },
    Adopt {
        by: u8,
        is_within: bool,
    },
    Revoke,
    /// By the link of the mail so many before the latest.
    Decline {
        back: u32,
    },
    DeclineSignedIn {
        is_addressee: bool,
    },
    Accept {
        back: u32,
        by: u8,
        address: AddressClaim,
        agrees: bool,
        is_within: bool,
    },
    AcceptSignedIn {
        by: u8,
        is_addressee: bool,
        is_within: bool,
    },
    Replace,
    NoteExpiry,
    Deliver {
        back: u32,
        status: Delivery,
    },
}

#[derive(Clone, Debug)]
enum Wait {
    Hours(i64),
    ToReminder(i64),
    ToEnd(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let within = || prop::bool::weighted(0.8);
    let back = || prop_oneof![4 => Just(0_u32), 1 => 1..3_u32];
    let waits = prop_oneof![
        (1..200_i64).prop_map(Wait::Hours),
        (-1..=1_i64).prop_map(Wait::ToReminder),
        (-1..=1_i64).prop_map(Wait::ToEnd),
    ];
    let address = select(&[AddressClaim::Free, AddressClaim::Free, AddressClaim::Taken][..]);
    let statuses = [
        Delivery::Sent,
        Delivery::Delivered,
        Delivery::Bounced,
        Delivery::Queued,
        Delivery::Dropped,
    ];
    prop_oneof![
        6 => waits.prop_map(Step::Wait),
        3 => (1..4_u8, within()).prop_map(|(by, is_within)| Step::Resend { by, is_within }),
        2 => Just(Step::Remind),
        3 => (prop::option::of(1..14_u8), prop::option::of(1..14_u8), within())
            .prop_map(|(add, withdraw, is_sworn)| Step::Amend { add, withdraw, is_sworn }),
        2 => (1..4_u8, within()).prop_map(|(by, is_within)| Step::Adopt { by, is_within }),
        1 => Just(Step::Revoke),
        1 => back().prop_map(|back| Step::Decline { back }),
        1 => any::<bool>().prop_map(|is_addressee| Step::DeclineSignedIn { is_addressee }),
        2 => (back(), 1..4_u8, address, any::<bool>(), within()).prop_map(
            |(back, by, address, agrees, is_within)| Step::Accept {
                back, by, address, agrees, is_within,
            }
        ),
        2 => (1..4_u8, any::<bool>(), within()).prop_map(
            |(by, is_addressee, is_within)| Step::AcceptSignedIn { by, is_addressee, is_within }
        ),
        1 => Just(Step::Replace),
        1 => Just(Step::NoteExpiry),
        2 => (back(), select(statuses.to_vec()))
            .prop_map(|(back, status)| Step::Deliver { back, status }),
    ]
}

fn policies() -> impl Strategy<Value = Policy> {
    let five = Lifetime::days(5).unwrap();
    let kalix = staff_policy().with_attestation(words());
    let alis = contact_policy().with_terms(terms(1));
    let strict = alis
        .clone()
        .with_most_resends(1)
        .with_resend_pause(std::time::Duration::from_secs(3_600));
    select(vec![
        kalix.clone(),
        kalix.with_reminder(five).unwrap(),
        alis.clone(),
        alis.with_reminder(five).unwrap(),
        strict.with_reminder(five).unwrap(),
    ])
}

/// What the rules say, in plain words.
#[derive(Clone, Debug)]
struct Model {
    now: OffsetDateTime,
    /// The final state, once there is one.
    closed: Option<Status>,
    accepted_by: Option<AccountId>,
    mails: u32,
    sent_at: OffsetDateTime,
    ends_at: OffsetDateTime,
    sponsor: u8,
    subjects: Vec<u8>,
    resends: u32,
    is_reminded: bool,
    is_noted: bool,
    delivery: Delivery,
}

impl Model {
    fn new(policy: &Policy) -> Self {
        Self {
            now: START,
            closed: None,
            accepted_by: None,
            mails: 1,
            sent_at: START,
            ends_at: START + policy.lifetime().duration(),
            sponsor: 1,
            subjects: vec![1],
            resends: 0,
            is_reminded: false,
            is_noted: false,
            delivery: Delivery::Queued,
        }
    }

    fn is_good(&self) -> bool {
        self.closed.is_none() && self.now < self.ends_at
    }

    fn has_expired(&self) -> bool {
        self.closed.is_none() && self.now >= self.ends_at
    }

    fn has_failed(&self) -> bool {
        matches!(self.delivery, Delivery::Bounced | Delivery::Dropped)
    }

    fn mail(&mut self) {
        self.mails += 1;
        self.sent_at = self.now;
        self.delivery = Delivery::Queued;
    }

    fn start_clock(&mut self, policy: &Policy) {
        self.mail();
        self.ends_at = self.now + policy.lifetime().duration();
        self.is_reminded = false;
        self.is_noted = false;
    }

    fn status(&self) -> Status {
        let open = if self.has_expired() {
            Status::Expired
        } else {
            Status::Invited
        };
        self.closed.unwrap_or(open)
    }

    fn amended(&self, add: Option<u8>, withdraw: Option<u8>) -> Option<Vec<u8>> {
        let mut subjects = self.subjects.clone();
        subjects.retain(|subject| Some(*subject) != withdraw);
        let is_less = subjects.len() < self.subjects.len();
        if add.is_none() && !is_less || add.is_some_and(|add| subjects.contains(&add)) {
            return None;
        }
        subjects.extend(add);
        (1..=10).contains(&subjects.len()).then_some(subjects)
    }

    /// Does the step if the rules allow it, and tells whether they do.
    fn step(&mut self, step: &Step, policy: &Policy) -> bool {
        match *step {
            Step::Wait(_) => true,
            Step::Resend { by, is_within } => {
                let may = is_within
                    && self.closed.is_none()
                    && (self.is_good() || policy.after_expiry() == AfterExpiry::ResendAllowed)
                    && self.resends < policy.most_resends()
                    && (self.has_failed() || self.now >= self.sent_at + policy.resend_pause());
                if may {
                    self.sponsor = by;
                    self.resends += 1;
                    self.start_clock(policy);
                }
                may
            }
            Step::Remind => {
                let is_due = policy
                    .reminder()
                    .is_some_and(|before| self.now >= self.ends_at - before.duration());
                let may = self.is_good() && is_due && !self.is_reminded && !self.has_failed();
                if may {
                    self.mail();
                    self.is_reminded = true;
                }
                may
            }
            Step::Amend {
                add,
                withdraw,
                is_sworn,
            } => {
                let amended = self.amended(add, withdraw);
                let may = self.is_good() && amended.is_some() && (is_sworn || add.is_none());
                if let Some(subjects) = amended.filter(|_| may) {
                    self.subjects = subjects;
                    self.sponsor = 1;
                    self.start_clock(policy);
                }
                may
            }
            Step::Adopt { by, is_within } => {
                let may = self.is_good() && is_within && by != self.sponsor;
                if may {
                    self.sponsor = by;
                }
                may
            }
            Step::Revoke => self.close(self.closed.is_none(), Status::Revoked),
            Step::Decline { back } => self.close(self.is_good() && back == 0, Status::Declined),
            Step::DeclineSignedIn { is_addressee } => {
                self.close(self.is_good() && is_addressee, Status::Declined)
            }
            Step::Accept {
                back,
                by,
                address,
                agrees,
                is_within,
            } => {
                let is_new = address == AddressClaim::Free && agrees;
                self.join(back == 0 && is_new && is_within, by)
            }
            Step::AcceptSignedIn {
                by,
                is_addressee,
                is_within,
            } => self.join(is_addressee && is_within, by),
            Step::Replace => self.close(self.has_expired(), Status::Replaced),
            Step::NoteExpiry => {
                let may = self.has_expired() && !self.is_noted;
                self.is_noted |= may;
                may
            }
            Step::Deliver { back, status } => {
                let may = back == 0;
                if may {
                    self.delivery = status;
                }
                may
            }
        }
    }

    fn close(&mut self, may: bool, status: Status) -> bool {
        if may {
            self.closed = Some(status);
        }
        may
    }

    fn join(&mut self, may: bool, by: u8) -> bool {
        let may = may && self.is_good();
        if may {
            self.accepted_by = Some(account(by));
        }
        self.close(may, Status::Accepted)
    }
}

/// Does the step for real; `None` where it was refused.
fn apply(
    invitation: &Invitation,
    step: &Step,
    policy: &Policy,
    model: &Model,
) -> Option<(Invitation, Vec<Event>)> {
    let (it, now, next) = (invitation.clone(), model.now, digest(model.mails + 1));
    let verdict = |is_within| {
        if is_within {
            SponsorVerdict::Within
        } else {
            above()
        }
    };
    let to = |is_addressee| -> EmailAddress {
        if is_addressee {
            address()
        } else {
            other_address()
        }
    };
    let matched = |back: u32| {
        let nth = model.mails.checked_sub(back).filter(|nth| *nth > 0)?;
        invitation.verify(&link(nth), now).ok()
    };
    match *step {
        Step::Wait(_) => Some((it, Vec::new())),
        Step::Resend { by, is_within } => {
            let by = Sponsor::Member(member(by));
            let resend = Resend {
                by,
                verdict: verdict(is_within),
                digest: next,
            };
            it.resend(resend, policy, now).ok()
        }
        Step::Remind => it.remind(next, policy, now).ok(),
        Step::Amend {
            add,
            withdraw,
            is_sworn,
        } => {
            let amend = Amend {
                add: add.into_iter().map(subject_offer).collect(),
                withdraw: withdraw.into_iter().map(subject).collect(),
                sworn: if is_sworn { sworn(add) } else { [].into() },
                by: Sponsor::Member(member(1)),
                verdict: SponsorVerdict::Within,
                digest: next,
            };
            it.amend(amend, policy, now).ok()
        }
        Step::Adopt { by, is_within } => it
            .adopt(
                Adopt {
                    by: member(by),
                    verdict: verdict(is_within),
                },
                now,
            )
            .ok(),
        Step::Revoke => it.revoke(Principal::System, now).ok(),
        Step::Decline { back } => {
            let decliner = Decliner::Link(matched(back)?);
            let declining = Declining {
                decliner,
                reason: DeclineReason::NotMe,
            };
            it.decline(declining, Confirmed::by_post(), now).ok()
        }
        Step::DeclineSignedIn { is_addressee } => {
            let verified = to(is_addressee);
            let decliner = Decliner::Account {
                account: account(1),
                verified,
            };
            let declining = Declining {
                decliner,
                reason: DeclineReason::NotWanted,
            };
            it.decline(declining, Confirmed::by_post(), now).ok()
        }
        Step::Accept {
            back,
            by,
            address,
            agrees,
            is_within,
        } => {
            let acceptor = Acceptor::NewPerson {
                matched: matched(back)?,
                account: account(by),
                address,
                agreed: if agrees {
                    [terms(1), privacy()].into()
                } else {
                    [].into()
                },
            };
            let verdict = verdict(is_within);
            let acceptance = Acceptance {
                acceptor,
                membership: member(100),
                verdict,
                request: None,
            };
            it.accept(acceptance, Confirmed::by_post(), policy, now)
                .ok()
        }
        Step::AcceptSignedIn {
            by,
            is_addressee,
            is_within,
        } => {
            let verdict = verdict(is_within);
            let acceptance = Acceptance {
                verdict,
                ..sign_in(by, to(is_addressee))
            };
            it.accept(acceptance, Confirmed::by_post(), policy, now)
                .ok()
        }
        Step::Replace => it.replaced(invitation_id(2), now).ok(),
        Step::NoteExpiry => it.note_expiry(now).ok(),
        Step::Deliver { back, status } => {
            let about = nth(model.mails.checked_sub(back).filter(|nth| *nth > 0)?);
            it.record_delivery(about, DeliveryReport { status, at: now })
                .ok()
        }
    }
}

fn wait(model: &mut Model, wait: &Wait) {
    let to = match *wait {
        Wait::Hours(hours) => model.now + Duration::hours(hours),
        Wait::ToReminder(micros) => model.ends_at - Duration::days(5) + MICRO * micros as i32,
        Wait::ToEnd(micros) => model.ends_at + MICRO * micros as i32,
    };
    model.now = model.now.max(to);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_sequence_of_commands_does_what_the_rules_say(
        policy in policies(),
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let (mut invitation, _) =
            Invitation::issue(contact_issue(), &policy, START).unwrap();
        let mut model = Model::new(&policy);
        let mut winners = 0;
        for step in &steps {
            if let Step::Wait(how) = step {
                wait(&mut model, how);
            }
            let was = model.clone();
            let outcome = apply(&invitation, step, &policy, &was);
            prop_assert_eq!(
                outcome.is_some(), model.step(step, &policy),
                "{:?} at {:?} of {:?}", step, was, invitation
            );
            if let Some((next, events)) = outcome {
                // No transition leaves a final state.
                if was.closed.is_some() {
                    prop_assert_eq!(next.state(), invitation.state());
                }
                // Whatever mails is the next generation, and nothing else is.
                let mailed = events.iter().find_map(Event::mailing);
                prop_assert_eq!(mailed.is_some(), model.mails > was.mails);
                prop_assert_eq!(mailed.unwrap_or(nth(was.mails)), nth(model.mails));
                let accepts = |event: &&Event| matches!(event, Event::Accepted { .. });
                winners += events.iter().filter(accepts).count();
                invitation = next;
            }
            check(&invitation, &model)?;
        }
        prop_assert!(winners <= 1, "at most one winner");
    }

    /// Design 9.1: half-open, whatever the lifetime.
    #[test]
    fn a_link_is_good_from_its_first_to_its_last_microsecond(
        seconds in 3_600..=2_592_000_u32,
    ) {
        let lifetime = Lifetime::seconds(seconds).unwrap();
        let policy = Policy::lasting(lifetime, AfterExpiry::ResendAllowed);
        let (invitation, _) = Invitation::issue(staff_issue(), &policy, START).unwrap();
        let end = START + Duration::seconds(seconds.into());
        prop_assert!(invitation.verify(&link(1), START).is_ok());
        prop_assert!(invitation.verify(&link(1), end - MICRO).is_ok());
        prop_assert_eq!(
            invitation.verify(&link(1), end),
            Err(TokenRefusal::Expired { at: end })
        );
    }
}

/// What can be seen of an invitation is what the model says.
fn check(invitation: &Invitation, model: &Model) -> Result<(), TestCaseError> {
    prop_assert_eq!(invitation.status(model.now), model.status());
    prop_assert_eq!(invitation.is_open(), model.closed.is_none());
    prop_assert_eq!(invitation.mailing().generation, nth(model.mails));
    prop_assert_eq!(invitation.mailing().sent_at, model.sent_at);
    prop_assert_eq!(invitation.mailing().expires_at, model.ends_at);
    prop_assert_eq!(invitation.sponsor(), Sponsor::Member(member(model.sponsor)));
    prop_assert_eq!(invitation.resend_count(), model.resends);
    prop_assert_eq!(invitation.delivery(), model.delivery);
    let offered: Vec<_> = invitation
        .offer()
        .subjects()
        .iter()
        .map(|it| it.subject)
        .collect();
    let subjects: Vec<_> = model.subjects.iter().copied().map(subject).collect();
    prop_assert_eq!(&offered, &subjects);
    // Every subject on offer was sworn for.
    for subject in subjects {
        prop_assert!(invitation.attested().iter().any(|it| it.subject == subject));
    }
    // No link but the latest ever matches.
    for older in 1..model.mails {
        prop_assert!(invitation.verify(&link(older), model.now).is_err());
    }
    let is_answered = matches!(model.closed, Some(Status::Accepted | Status::Declined));
    let latest = invitation.verify(&link(model.mails), model.now);
    prop_assert_eq!(latest.is_ok(), model.is_good() || is_answered);
    // What is stored is read back as it was.
    let body = serde_json::to_string(invitation).unwrap();
    let read: Invitation = serde_json::from_str(&body).unwrap();
    prop_assert_eq!(&read, invitation);
    Ok(())
}
