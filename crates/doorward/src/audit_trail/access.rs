//! What the events of access say in the audit log: permissions as names, before and after.

use doorward_access::{
    AttachmentEvent, Difference, GrantEvent, GroupEvent, LevelEvent, MembershipEvent,
    NamedSetEvent, PermissionSet, ProfileEvent, Reach, SelfGranted, SupportEvent,
};
use doorward_audit::{Action, Category, Code, Target, Value};
use doorward_types::{
    GrantId, LevelId, PermissionName, ProfileId, SubjectId, Switch, Switches, Window,
};

use super::Draft;

pub(crate) fn membership(event: &MembershipEvent) -> Draft {
    let draft = |action| Draft::new(action, event.membership());
    match event {
        MembershipEvent::Joined {
            id: _,
            account,
            kind,
            role,
            levels,
            switches,
            invitation,
        } => draft(Action::MEMBERSHIP_CREATE)
            .fact("account", *account)
            .fact("invitation", *invitation)
            .after("kind", kind.clone())
            .after("role", role.clone())
            .after("levels", levels)
            .after("switches", switched_on(switches)),
        MembershipEvent::AccessEdited {
            id: _,
            role_before,
            role_after,
            levels_before,
            levels_after,
            switches_before,
            switches_after,
            difference,
            self_granted,
        } => changed(draft(Action::MEMBERSHIP_UPDATE), difference, *self_granted)
            .before("role", role_before.clone())
            .after("role", role_after.clone())
            .before("levels", levels_before)
            .after("levels", levels_after)
            .before("switches", switched_on(switches_before))
            .after("switches", switched_on(switches_after)),
        MembershipEvent::SwitchDropped { id: _, switch } => {
            draft(Action::declare("membership.drop_switch", Category::Update))
                .before("switch", switch.clone())
        }
        MembershipEvent::KindChanged {
            id: _,
            before,
            after,
            role,
            levels,
            switches,
            difference,
            self_granted,
        } => changed(
            draft(Action::MEMBERSHIP_KIND_CHANGE),
            difference,
            *self_granted,
        )
        .before("kind", before.clone())
        .after("kind", after.clone())
        .after("role", role.clone())
        .after("levels", levels)
        .after("switches", switched_on(switches)),
        MembershipEvent::FeaturesHidden {
            id: _,
            before,
            after,
        } => draft(Action::MEMBERSHIP_FEATURES_HIDE)
            .before("hidden", Value::codes(before))
            .after("hidden", Value::codes(after)),
        MembershipEvent::WindowSet {
            id: _,
            before,
            after,
            self_granted,
        } => {
            let draft = draft(Action::declare("membership.set_window", Category::Update));
            windowed(draft.before("until", before.until()), after)
                .fact("self_granted", *self_granted == SelfGranted::Yes)
        }
        MembershipEvent::Disabled { id: _ } => draft(Action::MEMBERSHIP_DISABLE),
        MembershipEvent::Restored { id: _ } => draft(Action::MEMBERSHIP_ENABLE),
        MembershipEvent::Moved {
            id: _,
            before,
            after,
        } => draft(Action::declare("membership.move", Category::Update))
            .before("account", *before)
            .after("account", *after),
        MembershipEvent::Removed { id: _ } => draft(Action::MEMBERSHIP_REMOVE),
        MembershipEvent::DetailsEdited { id: _ } => draft(Action::MEMBERSHIP_DETAILS_EDIT),
    }
}

pub(crate) fn level(id: LevelId, event: &LevelEvent) -> Draft {
    named_set(
        [
            Action::LEVEL_CREATE,
            Action::declare("level.rename", Category::Update),
            Action::LEVEL_UPDATE,
            Action::declare("level.retire", Category::Update),
            Action::declare("level.restore", Category::Update),
            Action::LEVEL_DELETE,
        ],
        id.into(),
        event,
    )
}

pub(crate) fn profile(id: ProfileId, event: &ProfileEvent) -> Draft {
    named_set(
        [
            Action::PROFILE_CREATE,
            Action::declare("profile.rename", Category::Update),
            Action::PROFILE_UPDATE,
            Action::declare("profile.retire", Category::Update),
            Action::declare("profile.restore", Category::Update),
            Action::PROFILE_DELETE,
        ],
        id.into(),
        event,
    )
}

pub(crate) fn grant(subject: SubjectId, event: &GrantEvent) -> Draft {
    let draft = |action, id: &GrantId| Draft::new(action, *id).about(subject);
    match event {
        GrantEvent::Given {
            id,
            membership,
            subject: _,
            profile,
            window,
            self_granted,
        } => windowed(draft(Action::GRANT_CREATE, id), window)
            .fact("membership", *membership)
            .fact("self_granted", *self_granted == SelfGranted::Yes)
            .after("profile", *profile),
        GrantEvent::ProfileChanged {
            id,
            before,
            after,
            self_granted,
        } => draft(Action::GRANT_UPDATE, id)
            .before("profile", *before)
            .after("profile", *after)
            .fact("self_granted", *self_granted == SelfGranted::Yes),
        GrantEvent::WindowSet { id, before, after } => windowed(
            draft(Action::GRANT_UPDATE, id).before("until", before.until()),
            after,
        ),
        GrantEvent::Revoked { id, membership } => {
            draft(Action::GRANT_REVOKE, id).fact("membership", *membership)
        }
        GrantEvent::Ended { id, membership } => {
            draft(Action::declare("grant.end", Category::Delete), id)
                .fact("membership", *membership)
        }
    }
}

pub(crate) fn attachment(event: &AttachmentEvent) -> Draft {
    match event {
        AttachmentEvent::Attached {
            membership,
            subject,
        } => Draft::new(Action::ATTACHMENT_CREATE, *membership).about(*subject),
        AttachmentEvent::Detached {
            membership,
            subject,
        } => Draft::new(Action::ATTACHMENT_REMOVE, *membership).about(*subject),
    }
}

pub(crate) fn group(event: &GroupEvent) -> Draft {
    match event {
        GroupEvent::Created { id, name } => {
            Draft::new(Action::GROUP_CREATE, *id).personal("name", name)
        }
        GroupEvent::Renamed { id, before, after } => Draft::new(Action::GROUP_UPDATE, *id)
            .personal("name_before", before)
            .personal("name_after", after),
        GroupEvent::Deleted { id, name } => {
            Draft::new(Action::GROUP_DELETE, *id).personal("name", name)
        }
        GroupEvent::Tagged { group, membership } => {
            Draft::new(Action::GROUP_ASSIGN, *membership).after("group", *group)
        }
        GroupEvent::Untagged { group, membership } => {
            Draft::new(Action::GROUP_ASSIGN, *membership).before("group", *group)
        }
    }
}

pub(crate) fn support(event: &SupportEvent) -> Draft {
    match event {
        SupportEvent::Opened { id, by: _, window } => {
            windowed(Draft::new(Action::SUPPORT_OPEN, *id), window)
        }
        SupportEvent::Renewed {
            id,
            by: _,
            before,
            after,
        } => {
            let draft = Draft::new(Action::declare("support.renew", Category::Update), *id);
            windowed(draft.before("until", before.until()), after)
        }
        SupportEvent::Revoked { id, by: _ } => Draft::new(Action::SUPPORT_CLOSE, *id),
    }
}

/// The entry of an edit holds the set's own names before and after, and how many hold it.
fn named_set<Id>(
    [create, rename, edit, retire, restore, delete]: [Action; 6],
    target: Target,
    event: &NamedSetEvent<Id>,
) -> Draft {
    match event {
        NamedSetEvent::Created {
            id: _,
            name,
            permissions,
        } => Draft::new(create, target)
            .after("permissions", held(permissions))
            .personal("name", name),
        NamedSetEvent::Renamed {
            id: _,
            before,
            after,
        } => Draft::new(rename, target)
            .personal("name_before", before)
            .personal("name_after", after),
        NamedSetEvent::Edited {
            id: _,
            before,
            after,
            holders,
            self_granted,
        } => {
            let holders = u32::try_from(*holders).unwrap_or(u32::MAX);
            Draft::new(edit, target)
                .before("permissions", held(before))
                .after("permissions", held(after))
                .fact("holders", holders)
                .fact("self_granted", *self_granted == SelfGranted::Yes)
        }
        NamedSetEvent::Retired { id: _ } => Draft::new(retire, target),
        NamedSetEvent::Restored { id: _ } => Draft::new(restore, target),
        NamedSetEvent::Deleted { id: _, name } => Draft::new(delete, target).personal("name", name),
    }
}

fn changed(draft: Draft, difference: &Difference, self_granted: SelfGranted) -> Draft {
    draft
        .fact("gained", held(&difference.gained))
        .fact("lost", held(&difference.lost))
        .fact("self_granted", self_granted == SelfGranted::Yes)
}

pub(super) fn windowed(draft: Draft, window: &Window) -> Draft {
    draft
        .after("from", window.from())
        .after("until", window.until())
}

/// Permissions as `name:reach`.
pub(super) fn held(set: &PermissionSet) -> Value {
    let named = |(name, reach): (&PermissionName, Reach)| {
        // A name of the full length has no room for its reach.
        Code::new(&format!("{name}:{reach}")).unwrap_or_else(|_| Code::from(name))
    };
    Value::codes(set.iter().map(named))
}

pub(super) fn switched_on(switches: &Switches) -> Value {
    let on = switches.iter().filter(|(_, stands)| **stands == Switch::On);
    Value::codes(on.map(|(name, _)| name))
}
