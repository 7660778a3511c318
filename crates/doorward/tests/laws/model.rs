//! The plain model: what the tenant's administration is about, in bits and small enums.

use std::collections::{BTreeMap, BTreeSet};

use doorward::{
    identity::Session,
    types::{GrantId, InvitationId, MembershipId},
};
use time::OffsetDateTime;

pub const VIEW: u8 = 1;
pub const EDIT: u8 = 2;
pub const BILLS: u8 = 4;
pub const MANAGE: u8 = 8;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    Clinical,
    Coordinator,
    Director,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Clinical, Self::Coordinator, Self::Director];

    pub fn name(self) -> &'static str {
        match self {
            Self::Clinical => "clinical",
            Self::Coordinator => "coordinator",
            Self::Director => "director",
        }
    }

    fn bits(self) -> u8 {
        match self {
            Self::Clinical => VIEW,
            Self::Coordinator => VIEW | MANAGE,
            Self::Director => VIEW | EDIT | BILLS | MANAGE,
        }
    }
}

/// The place of a member; contacts have what their grants show.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Place {
    Staff { role: Role, levels: BTreeSet<usize> },
    Contact,
}

#[derive(Clone, Debug)]
pub struct Offered {
    pub place: Place,
    /// What is shown of which subject.
    pub subjects: BTreeMap<usize, u8>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    Open,
    Accepted,
    Declined,
    Revoked,
    Replaced,
}

impl State {
    pub const ALL: [Self; 5] = [
        Self::Open,
        Self::Accepted,
        Self::Declined,
        Self::Revoked,
        Self::Replaced,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Revoked => "revoked",
            Self::Replaced => "replaced",
        }
    }
}

#[derive(Debug)]
pub struct Invited {
    pub id: InvitationId,
    pub who: usize,
    pub offer: Offered,
    pub sponsor: usize,
    pub generation: u32,
    pub expires_at: OffsetDateTime,
    pub resend_count: u32,
    pub state: State,
    /// The links that arrived, by generation.
    pub links: BTreeMap<u32, String>,
}

impl Invited {
    pub fn is_live(&self, now: OffsetDateTime) -> bool {
        self.state == State::Open && now < self.expires_at
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    Active,
    Disabled,
    Removed,
}

#[derive(Debug)]
pub struct Member {
    pub id: MembershipId,
    pub who: usize,
    pub place: Place,
    pub status: Status,
    /// The last session, and whether it still counts.
    pub session: Option<(Session, bool)>,
    pub grants: BTreeMap<usize, (GrantId, u8)>,
}

/// Everything the model knows.
#[derive(Debug, Default)]
pub struct Model {
    pub invitations: Vec<Invited>,
    pub members: Vec<Member>,
    /// What each level holds.
    pub levels: [u8; 2],
    /// Who has an account.
    pub accounts: BTreeSet<usize>,
    /// The mails of invitations that wait: which invitation, which generation.
    pub outbox: Vec<(usize, u32)>,
}

impl Model {
    pub fn bits(&self, place: &Place) -> u8 {
        match place {
            Place::Contact => 0,
            Place::Staff { role, levels } => levels
                .iter()
                .fold(role.bits(), |bits, level| bits | self.levels[*level]),
        }
    }

    /// What a member holds anywhere, grants included.
    pub fn whole(&self, member: &Member) -> u8 {
        let granted = member
            .grants
            .values()
            .fold(0, |bits, (_, shown)| bits | shown);
        self.bits(&member.place) | granted
    }

    pub fn gives_everything(&self, actor: usize) -> bool {
        is_director(&self.members[actor].place)
    }

    /// Whether an actor may give what is gained.
    pub fn gives(&self, actor: usize, gained: u8) -> bool {
        let held = self.bits(&self.members[actor].place);
        self.gives_everything(actor) || gained & !held == 0
    }

    /// Whether an actor may put somebody in this place, with these things shown.
    pub fn gives_offer(&self, actor: usize, offer: &Offered) -> bool {
        let shown = offer.subjects.values().fold(0, |bits, shown| bits | shown);
        let everything = self.gives_everything(actor);
        let above = is_director(&offer.place) && !everything;
        !above && self.gives(actor, self.bits(&offer.place) | shown)
    }

    /// Whether a member's session counts and their role manages access.
    pub fn may_manage(&self, actor: usize) -> bool {
        let member = &self.members[actor];
        member.session.is_some_and(|(_, counts)| counts) && self.manages(actor)
    }

    pub fn manages(&self, actor: usize) -> bool {
        let member = &self.members[actor];
        member.status == Status::Active && self.bits(&member.place) & MANAGE != 0
    }

    /// Whether the sponsor could still make the offer.
    pub fn is_vouched_for(&self, invitation: &Invited) -> bool {
        self.manages(invitation.sponsor) && self.gives_offer(invitation.sponsor, &invitation.offer)
    }

    /// Whether the tenant has an administrator besides this member.
    pub fn survives(&self, without: usize) -> bool {
        let mut members = self.members.iter().enumerate();
        members.any(|(at, member)| {
            at != without && member.status == Status::Active && is_director(&member.place)
        })
    }

    pub fn is_member(&self, who: usize) -> bool {
        let mut members = self.members.iter();
        members.any(|member| member.who == who && member.status != Status::Removed)
    }

    pub fn open_for(&self, who: usize) -> Option<usize> {
        let mut invitations = self.invitations.iter();
        invitations.position(|one| one.who == who && one.state == State::Open)
    }
}

pub fn is_director(place: &Place) -> bool {
    matches!(
        place,
        Place::Staff {
            role: Role::Director,
            ..
        }
    )
}
