//! A day in which every kind of record comes into being.

use doorward::{
    AddressOutcome, ConfigureTenant, Credential, Grant, GrantForm, InvitationRef, Invite,
    ManageAccounts, ManageGroups, ManageMembers, ManagePeople, NewRelationship, OpenSupport,
    OwnAccount, ResetCredentials, SignedIn,
    identity::{DisabledReason, Link},
    invitations::{Confirmed, DeclineReason},
    types::{Channel, Levels, MembershipId, Offer, PersonId, RequestId, Window},
};
use secrecy::{ExposeSecret, SecretString};
use time::Duration;

use super::{Agency, NOW, OTHER, PASSWORD, block_on, email, kind, name, secret, statement};

/// Whom the day leaves behind.
pub(crate) struct Day {
    /// A contact with two grants, one of them revoked.
    pub(crate) contact: MembershipId,
    /// A nurse with two levels.
    pub(crate) nurse: MembershipId,
    /// The client whose data the contact sees.
    pub(crate) client: PersonId,
    /// The other client.
    pub(crate) other_client: PersonId,
}

impl Day {
    /// Lives the day.
    pub(crate) fn of(agency: &Agency) -> Self {
        let door = &agency.door;
        let client = agency.person("Rose Ruiz", "client", None);
        let other_client = agency.person("Otto Ruiz", "client", None);
        let contact = agency.member("Ana Ruiz", "ana@example.org", agency.contact_of(client));
        let nurse = agency.member("Kim Ito", "kim@example.org", nurse());
        let day = Self {
            contact,
            nurse,
            client,
            other_client,
        };
        agency.pass(Duration::minutes(1) + Duration::milliseconds(250));
        day.people(agency);
        day.invitations(agency);
        day.accounts(agency);
        day.another_agency(agency);
        // A reset that nobody has looked up yet, a wrong password, a name that nobody has.
        block_on(door.request_reset(Some(agency.tenant), "kim@example.org")).unwrap();
        for called in ["kim@example.org", "nobody@example.org"] {
            let wrong = Credential::Password(secret(OTHER));
            let refused = agency.attempt(Channel::Portal, called, wrong, None);
            assert!(refused.is_err());
        }
        block_on(door.open_support(agency.admin(OpenSupport))).unwrap();
        day
    }

    /// Relationships, attachments, grants, levels, groups.
    fn people(&self, agency: &Agency) {
        let door = &agency.door;
        let related = NewRelationship {
            person: self.other_client,
            subject: self.client.into(),
            label: name("brother"),
            link: Link::Listed,
        };
        block_on(door.add_relationship(agency.admin(ManagePeople), related)).unwrap();
        let other = self.other_client.into();
        block_on(door.attach(agency.admin(Grant), self.contact, other)).unwrap();
        let form = GrantForm {
            member: self.contact,
            subject: other,
            profile: agency.profile.unwrap(),
            window: Window::between(NOW, NOW + Duration::days(90)).unwrap(),
            sworn: Some(statement()),
        };
        let request = RequestId::made_at(NOW, [9; 10]);
        let permit = agency.admin(Grant).for_request(request);
        let granted = block_on(door.grant(permit, form)).unwrap();
        agency.pass(Duration::MICROSECOND * 123_456);
        block_on(door.revoke_grant(agency.admin(Grant), granted)).unwrap();
        let permit = agency.admin(ManageMembers);
        let levels = block_on(door.levels(&permit)).unwrap();
        let levels = levels.iter().map(|level| level.value.id()).collect();
        let version = block_on(door.member(&permit, self.nurse)).unwrap().version;
        let set = door.set_levels(permit, self.nurse, version, Levels::Assigned(levels));
        block_on(set).unwrap();
        let group = door.create_group(agency.admin(ManageGroups), name("Northern team"));
        let group = block_on(group).unwrap();
        let permit = agency.admin(ManageGroups);
        block_on(door.assign_groups(permit, self.nurse, [group].into())).unwrap();
    }

    /// One invitation of each outcome.
    fn invitations(&self, agency: &Agency) {
        let door = &agency.door;
        agency.invite("Nico Berg", "nico@example.org", nurse());
        let link = agency.mail_to("nico@example.org").link();
        let reason = DeclineReason::NotWanted;
        block_on(door.decline_by_link(&link, reason, Confirmed::by_post(), None)).unwrap();
        let revoked = agency.invite("Lena Wolf", "lena@example.org", nurse());
        block_on(door.revoke_invitation(agency.admin(Invite), revoked)).unwrap();
        agency.invite("Finn Olsen", "finn@example.org", nurse());
        let open = agency.invite("Mia Novak", "mia@example.org", nurse());
        agency.mails();
        agency.pass(Duration::days(1));
        block_on(door.resend_invitation(agency.admin(Invite), open)).unwrap();
        agency.pass(Duration::days(6));
        // The expired one gives its place to the new one.
        agency.invite("Finn Olsen", "finn@example.org", nurse());
    }

    /// Accounts of each status.
    fn accounts(&self, agency: &Agency) {
        let door = &agency.door;
        let key = access_key(agency);
        let standard = agency.account("standard", "zoë", "zoe@example.org");
        let temporary = agency.mail_to("zoe@example.org").secret();
        let temporary = Credential::Password(secret(&temporary));
        let opened = agency.attempt(Channel::Mobile, "zoë", temporary, Some(key));
        let Ok(SignedIn::NewPassword { ticket, .. }) = opened else {
            panic!("a temporary password opened a session");
        };
        block_on(door.set_new_password(ticket.expose_secret(), &secret(PASSWORD), None)).unwrap();
        let permit = agency.admin(ResetCredentials);
        block_on(door.mail_pin(permit, standard.membership)).unwrap();
        let pending = agency.account("identity", "Ben Sato", "ben@example.org");
        let permit = agency.admin(ManageMembers);
        block_on(door.disable_access(permit, pending.membership)).unwrap();
        let disabled = agency.account("identity", "Ida Moe", "ida@example.org");
        let permit = agency.admin(ManageAccounts);
        let reason = DisabledReason::Administrator;
        block_on(door.disable_account(permit, disabled.membership, reason)).unwrap();
        for (called, address) in [
            ("Ove Lund", "ove@example.org"),
            ("Ulf Dahl", "ulf@example.org"),
        ] {
            let account = agency.account("identity", called, address);
            let permit = agency.admin(ManageAccounts);
            let closed = block_on(door.close_account(permit, account.membership)).unwrap();
            if called == "Ulf Dahl" {
                let permit = agency.admin(ManageAccounts);
                block_on(door.erase_account(permit, closed)).unwrap();
            }
        }
    }

    /// Somebody whose account another agency made joins here, and is proposed an address.
    fn another_agency(&self, agency: &Agency) {
        let door = &agency.door;
        let hill = agency.second_agency("hill@example.org");
        let invitation = agency.invite("Hal Hill", "hill@example.org", nurse());
        let here = InvitationRef {
            tenant: agency.tenant,
            invitation,
        };
        let permit = agency.permit(&hill, OwnAccount);
        let joined = door.accept_signed_in(permit, here, Confirmed::by_post());
        let joined = block_on(joined).unwrap();
        let permit = agency.admin(ManageAccounts);
        let new = email("hal@example.org");
        let proposed = block_on(door.propose_address(permit, joined.membership, new)).unwrap();
        assert!(matches!(proposed, AddressOutcome::Proposed { .. }));
    }
}

pub(crate) fn nurse() -> Offer {
    Offer::of(kind("clinician")).with_role("nurse".parse().unwrap())
}

/// A new access key, as it is shown once.
pub(crate) fn access_key(agency: &Agency) -> SecretString {
    let permit = agency.admin(ConfigureTenant);
    let made = block_on(agency.door.replace_access_key(permit)).unwrap();
    made.text.unwrap()
}
