//! Members, what they hold, groups, checks, reviews and the log.

use std::collections::BTreeSet;

use doorward::{
    ConfigureTenant, EditLevels, EditMemberDetails, EditProfiles, Export, Grant, GrantForm,
    ManageGroups, ManageMembers, OpenSupport, OwnAccount, PersonalData, ReadAudit, ReportOptions,
    ViewAccess,
    access::{Access, Record},
    audit::Query,
    storage::Limit,
    types::{Levels, Scope, Switches, Window},
};

use super::UseCase;
use crate::{
    fixture::{Care, block_on, kind, name, oath},
    stage::{Answer, Stage, Stopped, ended, read},
};

pub(super) const USE_CASES: &[(&str, UseCase)] = &[
    ("access_report", |s| {
        let permit = s.may(Export)?;
        ended(block_on(s.door.access_report(
            &permit,
            ReportOptions::default(),
            Vec::new(),
        )))
    }),
    ("assign_groups", |s| {
        let permit = s.may(ManageGroups)?;
        let door = &s.door;
        ended(block_on(door.assign_groups(
            permit,
            s.family.membership,
            [s.group].into(),
        )))
    }),
    ("attach", |s| {
        let permit = s.may(Grant)?;
        let subject = s.residents[0].into();
        ended(block_on(s.door.attach(
            permit,
            s.family.membership,
            subject,
        )))
    }),
    ("change_grant_profile", |s| {
        each_grant(s, |permit, grant, version| {
            let profile = s.house.bills();
            ended(block_on(
                s.door.change_grant_profile(permit, grant, version, profile),
            ))
        })
    }),
    ("check", |s| {
        for member in [&s.house.director, &s.nurse, &s.family, &s.guest] {
            for record in [Record::UNOWNED, Record::of(s.residents[0])] {
                ended(block_on(s.door.check(
                    &member.session,
                    Care::VIEW_CARE,
                    &record,
                )))?;
            }
        }
        Ok(())
    }),
    ("check_by_support", |s| {
        let caller = doorward::Caller::Support {
            tenant: s.house.tenant(),
            support: s.support.support,
            agent: "a.meyer".parse().map_err(|_| Stopped::Refused)?,
        };
        let record = Record::of(s.residents[0]);
        ended(block_on(s.door.check(caller, Care::VIEW_CARE, &record)))
    }),
    ("close_support", |s| {
        let permit = s.may(OpenSupport)?;
        ended(block_on(s.door.close_support(permit)))
    }),
    ("create_group", |s| {
        let permit = s.may(ManageGroups)?;
        ended(block_on(s.door.create_group(permit, name("Nurses"))))
    }),
    ("create_level", |s| {
        let permit = s.may(EditLevels)?;
        let door = &s.door;
        ended(block_on(door.create_level(
            permit,
            name("Night"),
            Stage::bills(),
        )))
    }),
    ("delete_group", |s| {
        let permit = s.may(ManageGroups)?;
        ended(block_on(s.door.delete_group(permit, s.group)))
    }),
    ("delete_level", |s| {
        let permit = s.may(EditLevels)?;
        ended(block_on(s.door.delete_level(permit, s.level())))
    }),
    ("delete_profile", |s| {
        let permit = s.may(EditProfiles)?;
        ended(block_on(s.door.delete_profile(permit, s.house.family())))
    }),
    ("disable_access", |s| {
        let permit = s.may(ManageMembers)?;
        ended(block_on(s.door.disable_access(permit, s.nurse.membership)))
    }),
    ("edit_access", |s| {
        let permit = s.may(ManageMembers)?;
        let member = s.nurse.membership;
        let form = block_on(s.door.member(&permit, member)).map_err(|_| Stopped::Failed)?;
        let access = Access {
            role: Some("coordinator".parse().map_err(|_| Stopped::Refused)?),
            levels: Levels::from([s.level()]),
            switches: Switches::new(),
        };
        ended(block_on(s.door.preview_access(
            &permit,
            member,
            access.clone(),
        )))?;
        ended(block_on(s.door.edit_access(
            permit,
            member,
            form.version,
            access,
        )))
    }),
    ("edit_level", |s| {
        let permit = s.may(EditLevels)?;
        let form = block_on(s.door.level(&permit, s.level())).map_err(|_| Stopped::Failed)?;
        let door = &s.door;
        ended(block_on(door.preview_level(
            &permit,
            s.level(),
            Stage::bills(),
        )))?;
        let set = crate::fixture::set([("edit_care", doorward::access::Reach::Any)]);
        ended(block_on(door.edit_level(
            permit,
            s.level(),
            form.version,
            set,
        )))
    }),
    ("edit_member_details", |s| {
        let permit = s.may(EditMemberDetails)?;
        let member = s.nurse.membership;
        let form = block_on(s.door.member_details(&permit, member));
        let form = form.map_err(|_| Stopped::Failed)?;
        let mut details = form.value;
        details.title = Some(name("Night nurse"));
        let door = &s.door;
        ended(block_on(door.edit_member_details(
            permit,
            member,
            form.version,
            details,
        )))
    }),
    ("edit_profile", |s| {
        let permit = s.may(EditProfiles)?;
        let profile = s.house.family();
        let form = block_on(s.door.profile(&permit, profile)).map_err(|_| Stopped::Failed)?;
        let set = crate::fixture::set([("view_bills", doorward::access::Reach::Assigned)]);
        ended(block_on(s.door.edit_profile(
            permit,
            profile,
            form.version,
            set,
        )))
    }),
    ("explain", |s| {
        let permit = s.may(ViewAccess)?;
        for member in [&s.nurse, &s.family] {
            let record = Record::of(s.residents[0]);
            let why = s
                .door
                .explain(&permit, member.membership, Care::VIEW_BILLS, &record);
            match block_on(why) {
                Ok(why) => assert!(!why.to_string().is_empty()),
                Err(error) => return ended::<(), _>(Err(error)),
            }
        }
        Ok(())
    }),
    ("export_audit", |s| {
        let permit = s.may(ReadAudit)?;
        let query = Query::of(Scope::Tenant(s.house.tenant()));
        ended(block_on(s.door.export_audit(&permit, &query, Vec::new())))
    }),
    ("grant", |s| {
        let permit = s.may(Grant)?;
        let form = GrantForm {
            member: s.family.membership,
            subject: s.residents[1].into(),
            profile: s.house.family(),
            window: Window::since(s.house.now()),
            sworn: Some(oath()),
        };
        ended(block_on(s.door.grant(permit, form)))
    }),
    ("group_members", |s| {
        let permit = s.may(ViewAccess)?;
        let door = &s.door;
        ended(block_on(door.group_members(
            &permit,
            s.group,
            None,
            Limit::MAX,
        )))
    }),
    ("groups", |s| {
        let permit = s.may(OwnAccount)?;
        read(block_on(s.door.groups(&permit)))
    }),
    ("groups_of_member", |s| {
        let permit = s.may(ManageGroups)?;
        let groups = s.door.groups_of_member(&permit, s.nurse.membership);
        read(block_on(groups))
    }),
    ("hide_features", |s| {
        let permit = s.may(ManageMembers)?;
        let member = s.nurse.membership;
        let form = block_on(s.door.member(&permit, member)).map_err(|_| Stopped::Failed)?;
        let none = BTreeSet::new();
        ended(block_on(s.door.hide_features(
            permit,
            member,
            form.version,
            none,
        )))
    }),
    ("members", |s| {
        let permit = s.may(ViewAccess)?;
        ended(block_on(s.door.members(&permit, None, Limit::MAX)))
    }),
    ("members_holding", |s| {
        let permit = s.may(OwnAccount)?;
        let door = &s.door;
        ended(block_on(door.members_holding(
            &permit,
            Care::VIEW_CARE,
            None,
            Limit::MAX,
        )))
    }),
    ("people_attached_to", |s| {
        let permit = s.may(Grant)?;
        read(block_on(
            s.door.people_attached_to(&permit, s.family.membership),
        ))?;
        read(block_on(
            s.door.members_attached_to(&permit, s.residents[1].into()),
        ))
    }),
    ("reach_of", |s| {
        let permit = s.may(ViewAccess)?;
        ended(block_on(s.door.reach_of(&permit, s.family.membership)))
    }),
    ("read_audit", |s| {
        let permit = s.may(ReadAudit)?;
        let query = Query::of(Scope::Tenant(s.house.tenant()));
        let door = &s.door;
        ended(block_on(door.read_audit(
            &permit,
            &query,
            PersonalData::Shown,
            None,
            Limit::MAX,
        )))
    }),
    ("remove_member", |s| {
        let permit = s.may(ManageMembers)?;
        ended(block_on(s.door.remove_member(permit, s.nurse.membership)))
    }),
    ("rename_group", |s| {
        let permit = s.may(ManageGroups)?;
        ended(block_on(s.door.rename_group(
            permit,
            s.group,
            name("Night"),
        )))
    }),
    ("rename_tenant", |s| {
        let permit = s.may(ConfigureTenant)?;
        ended(block_on(s.door.rename_tenant(permit, name("Bay House"))))
    }),
    ("replace_access_key", |s| {
        let permit = s.may(ConfigureTenant)?;
        ended(block_on(s.door.replace_access_key(permit)))
    }),
    ("restore_access", |s| {
        let permit = s.may(ManageMembers)?;
        ended(block_on(s.door.restore_access(permit, s.nurse.membership)))
    }),
    ("resume", |s| {
        ended(block_on(s.door.resume(&s.nurse.session)))
    }),
    ("revoke_grant", |s| {
        each_grant(s, |permit, grant, _| {
            ended(block_on(s.door.revoke_grant(permit, grant)))
        })
    }),
    ("set_grant_window", |s| {
        each_grant(s, |permit, grant, version| {
            let window = Window::since(s.house.now());
            ended(block_on(
                s.door.set_grant_window(permit, grant, version, window),
            ))
        })
    }),
    ("set_member_window", |s| {
        let permit = s.may(ManageMembers)?;
        let member = s.nurse.membership;
        let form = block_on(s.door.member(&permit, member)).map_err(|_| Stopped::Failed)?;
        let window = Window::since(s.house.now());
        ended(block_on(s.door.set_member_window(
            permit,
            member,
            form.version,
            window,
        )))
    }),
    ("settings", |s| {
        let permit = s.may(ConfigureTenant)?;
        read(block_on(s.door.settings(&permit)))
    }),
    ("sweep", |s| {
        // What a sweep does in a few years, and it goes on where one task fails.
        let later = s.house.now() + time::Duration::days(1_000);
        for now in [s.house.now(), later] {
            let swept = block_on(s.door.sweep(now));
            read(swept)?;
        }
        Ok(())
    }),
    ("who_can_see", |s| {
        let permit = s.may(ViewAccess)?;
        let subject = s.residents[0].into();
        ended(block_on(s.door.who_can_see(
            &permit,
            subject,
            Care::VIEW_CARE,
        )))
    }),
    ("access_rows", |s| {
        let permit = s.may(ViewAccess)?;
        let door = &s.door;
        let residents = kind("resident");
        ended(block_on(door.access_rows(
            &permit,
            &residents,
            None,
            Limit::MAX,
        )))?;
        ended(block_on(
            door.resident_access(&permit, s.residents[0].into()),
        ))
    }),
];

/// Does something to the family's grant.
fn each_grant(
    s: &Stage,
    act: impl Fn(doorward::Permit<Grant>, doorward::types::GrantId, doorward::FormVersion) -> Answer,
) -> Answer {
    let permit = s.may(Grant)?;
    let grants = block_on(s.door.grants_of_member(&permit, s.family.membership));
    let grants = grants.map_err(|_| Stopped::Failed)?;
    for grant in &grants {
        act(s.may(Grant)?, grant.value.id(), grant.version)?;
    }
    Ok(())
}
