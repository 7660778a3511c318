//! Accept: somebody joins, by one of two ways.

use std::collections::BTreeSet;

use doorward_types::{AccountId, Agreement, EmailAddress, MembershipId, Statement};
use time::OffsetDateTime;

use crate::{
    AcceptPath, Accepted, AddressClaim, Closed, Confirmed, Event, Invitation, Policy,
    RequestDigest, Shortfall, SponsorVerdict, State, TokenMatch, TokenRefusal,
};

/// An acceptance: who, as what, under which facts.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// Who accepts.
    pub acceptor: Acceptor,
    /// The membership that is made.
    pub membership: MembershipId,
    /// Whether the sponsor may still give what is offered, judged now.
    pub verdict: SponsorVerdict,
    /// The request, if it is named: its resend answers the first outcome.
    pub request: Option<RequestDigest>,
}

/// Who accepts.
#[derive(Clone, Debug)]
pub enum Acceptor {
    /// A person without an account, by the link: registers in the same commit.
    NewPerson {
        /// The proof that the link's secret is right, which also proves the address.
        matched: TokenMatch,
        /// The account that is made.
        account: AccountId,
        /// Whether an account has the address by now.
        address: AddressClaim,
        /// The texts that the person agreed to.
        agreed: BTreeSet<Statement>,
    },
    /// A signed-in account, by its own verified address; needs no link (Kalix: "Under the Invite
    /// Requests section of this page, click Accept").
    Account {
        /// The account.
        account: AccountId,
        /// Its verified address.
        verified: EmailAddress,
        /// Its membership in this tenant, if it has one by now.
        member: Option<MembershipId>,
    },
}

/// Why nobody joined.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AcceptRejection {
    /// The same person joined by it before: a second click, or the same request again.
    #[error("you accepted this invitation at `{}`", .0.at)]
    AlreadyAcceptedByYou(Accepted),
    /// The account is a member of the tenant by now: grant directly.
    #[error("`{membership}` is a member already: change their access instead")]
    AlreadyMember {
        /// The membership.
        membership: MembershipId,
    },
    /// It was declined, revoked or replaced.
    #[error(transparent)]
    Closed(Closed),
    /// It expired.
    #[error("the invitation expired at `{at}`")]
    Expired {
        /// When.
        at: OffsetDateTime,
    },
    /// Somebody joined by it before; a link works once (ASVS 6.5.1).
    #[error("the invitation was accepted before: a link works once")]
    LinkUsed,
    /// The sponsor may no longer give what is offered. Nothing shrinks in silence: it stays open,
    /// for another sponsor to adopt.
    #[error("the invitation must be adopted or issued anew: {0}")]
    NeedsReissue(Shortfall),
    /// The link is no longer the latest, or of another invitation.
    #[error(transparent)]
    Refused(TokenRefusal),
    /// An account has the address by now: its holder signs in. The link never sets that account's
    /// password (NIST SP 800-63B-4 3.1.3.1).
    #[error("an account has this address: sign in with it to accept")]
    SignInToAccept,
    /// Texts that a new person must agree to, in their present versions.
    #[error("{} of the required texts were not agreed to in their present version", missing.len())]
    TermsMissing {
        /// Which.
        missing: Vec<Statement>,
    },
    /// The account's address is not the invited one; the invitation stays open.
    #[error("the invitation was sent to another address than the account's")]
    WrongRecipient,
}

impl Invitation {
    /// Lets somebody join: a new person by the link, or an account by its own verified address.
    ///
    /// # Errors
    /// [`AcceptRejection`] says why nobody joined; the invitation stays as it is.
    pub fn accept(
        mut self,
        acceptance: Acceptance,
        _confirmed: Confirmed,
        policy: &Policy,
        now: OffsetDateTime,
    ) -> Result<(Self, Vec<Event>), AcceptRejection> {
        self.check_acceptor(&acceptance)?;
        if self.mailing.has_expired(now) {
            return Err(AcceptRejection::Expired {
                at: self.mailing.expires_at,
            });
        }
        let (account, path, agreements) = match acceptance.acceptor {
            Acceptor::NewPerson {
                address: AddressClaim::Taken,
                ..
            } => {
                return Err(AcceptRejection::SignInToAccept);
            }
            Acceptor::NewPerson {
                account, agreed, ..
            } => (
                account,
                AcceptPath::Registered,
                agreements(policy.terms(), &agreed, now)?,
            ),
            Acceptor::Account {
                member: Some(membership),
                ..
            } => {
                return Err(AcceptRejection::AlreadyMember { membership });
            }
            Acceptor::Account { account, .. } => (account, AcceptPath::SignedIn, Vec::new()),
        };
        acceptance
            .verdict
            .within()
            .map_err(AcceptRejection::NeedsReissue)?;
        let membership = acceptance.membership;
        self.state = State::Accepted(Accepted {
            account,
            membership,
            at: now,
            path,
            agreements: agreements.clone(),
            request: acceptance.request,
        });
        let event = Event::Accepted {
            invitation: self.id,
            account,
            membership,
            path,
            agreements,
            sponsor: self.sponsor,
        };
        Ok((self, vec![event]))
    }

    /// Guards by who is asking: proof or address first, so that whoever has neither learns nothing
    /// of the state.
    fn check_acceptor(&self, acceptance: &Acceptance) -> Result<(), AcceptRejection> {
        let is_theirs = |accepted: &Accepted| match &acceptance.acceptor {
            Acceptor::NewPerson { .. } => {
                accepted.request.is_some() && accepted.request == acceptance.request
            }
            Acceptor::Account { account, .. } => accepted.account == *account,
        };
        match &acceptance.acceptor {
            Acceptor::NewPerson { matched, .. } => {
                self.recheck(*matched).map_err(AcceptRejection::Refused)?;
            }
            // Whoever accepted may have another address since: their replay is still theirs.
            Acceptor::Account { verified, .. } if *verified != self.address => match &self.state {
                State::Accepted(accepted) if is_theirs(accepted) => {}
                _ => return Err(AcceptRejection::WrongRecipient),
            },
            Acceptor::Account { .. } => {}
        }
        match self.state.closed() {
            None => Ok(()),
            Some(Closed::Accepted(accepted)) if is_theirs(&accepted) => {
                Err(AcceptRejection::AlreadyAcceptedByYou(accepted))
            }
            Some(Closed::Accepted(_)) => Err(AcceptRejection::LinkUsed),
            Some(closed) => Err(AcceptRejection::Closed(closed)),
        }
    }
}

/// Agreement counts for the exact version and words.
fn agreements(
    terms: &BTreeSet<Statement>,
    agreed: &BTreeSet<Statement>,
    now: OffsetDateTime,
) -> Result<Vec<Agreement>, AcceptRejection> {
    let missing: Vec<_> = terms.difference(agreed).cloned().collect();
    if !missing.is_empty() {
        return Err(AcceptRejection::TermsMissing { missing });
    }
    let agreement = |statement: &Statement| Agreement {
        statement: statement.clone(),
        at: now,
    };
    Ok(terms.iter().map(agreement).collect())
}
