//! Tenants: created by the operator, and set up by their administrators.

#[expect(dead_code, reason = "each test file uses its part of the fixture")]
mod office;

use std::collections::BTreeSet;

use doorward::{
    ConfigureTenant, CreateTenantRejection, Doorward, EditLevels, Error, Fault, NewTenant,
    StarterLevels, TenantCreated, Use,
    access::{Gives, PermissionSet, Reach},
    types::{Generation, Levels, RequestId},
};
use office::{NOW, Office, administrator, block_on, name, new_tenant, set, tenant_under};
use secrecy::ExposeSecret;

fn create(office: &Office, new: NewTenant) -> Result<TenantCreated, Error<CreateTenantRejection>> {
    let door: &Doorward = &office.door;
    block_on(door.create_tenant(&door.operator(), new))
}

/// Design 6: "it creates tenants with their starter levels and profiles, and issues each one's first
/// administrator's invitation; nothing else; audited".
#[test]
fn the_operator_creates_a_tenant_whose_first_administrator_accepts() {
    let office = Office::open();
    let first = office.entries().remove(0);
    assert_eq!(first["action"], "tenant.create");
    assert_eq!(first["actor"]["kind"], "operator");
    let listed = block_on(office.door.levels(&office.admin(EditLevels))).unwrap();
    let ids: BTreeSet<_> = listed.iter().map(|level| level.value.id()).collect();
    assert_eq!(ids, office.created.levels.iter().copied().collect());
    assert_eq!(office.created.profiles.len(), 2);
    assert!(!first.to_string().contains("Harbour"), "{first}");
}

/// A host that starts again finds what it created, and nothing of what is sealed inside.
#[test]
fn the_operator_lists_every_tenant_the_oldest_first() {
    let office = Office::open();
    let operator = office.door.operator();
    let mut expected = vec![office.created.tenant];
    for number in 0..4 {
        office.pass(time::Duration::seconds(1));
        let new = office::tenant_of(&format!("first{number}@example.org"), "Eve Moss");
        expected.push(create(&office, new).unwrap().tenant);
    }
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let limit = doorward::storage::Limit::clamped(2);
        let tenants = office.door.tenants(&operator, after.as_ref(), limit);
        let page = block_on(tenants).unwrap();
        assert!(page.rows.len() <= 2);
        listed.extend(page.rows);
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let found: Vec<_> = listed.iter().map(|row| row.tenant).collect();
    assert_eq!(found, expected);
    assert_eq!(listed[4].name, name("Harbour House"));
    assert!(listed.is_sorted_by_key(|row| row.created_at));
}

/// Sets that do not fit one commit are written before the tenant's own.
#[test]
fn a_tenant_starts_with_as_many_levels_as_its_host_likes() {
    let mut new = new_tenant();
    for number in 0..40 {
        let held = set([("view_records", Reach::Any)]);
        new = new.with_level(name(&format!("Level {number}")), held);
    }
    let office = Office::open_with(new, Gives::Everything);
    assert_eq!(office.created.levels.len(), 42);
    let listed = block_on(office.door.levels(&office.admin(EditLevels))).unwrap();
    assert_eq!(listed.len(), 42);
}

/// Design 3: a resend answers the first outcome.
#[test]
fn a_tenant_that_is_created_again_under_its_request_is_the_first_one() {
    let office = Office::open();
    let request = RequestId::made_at(NOW, [5; 10]);
    let again = || {
        let new = office::tenant_of("eve@example.org", "Eve Moss").for_request(request);
        create(&office, new).unwrap()
    };
    let first = again();
    assert_eq!(again(), first, "with the ids of levels and profiles");
    assert_eq!(office.mails().len(), 1);
    let other = office::tenant_of("kim@example.org", "Kim Vega").for_request(request);
    assert!(matches!(
        create(&office, other),
        Err(Error::Fault(Fault::RequestReused))
    ));
}

#[test]
fn a_tenant_that_nobody_could_administer_is_not_created() {
    let office = Office::open();
    let under = |levels: StarterLevels| {
        create(
            &office,
            tenant_under(administrator("eve@example.org", "Eve Moss", levels)),
        )
    };
    let billing = BTreeSet::from([name("Billing")]);
    assert!(matches!(
        under(StarterLevels::Named(billing)),
        Err(Error::Rejected(CreateTenantRejection::NoAdministrator))
    ));
    let unknown = BTreeSet::from([name("Nobody's")]);
    assert!(matches!(
        under(StarterLevels::Named(unknown)),
        Err(Error::Rejected(CreateTenantRejection::UnknownName { .. }))
    ));
    let twice = new_tenant().with_level(name("BILLING"), PermissionSet::new());
    assert!(matches!(
        create(&office, twice),
        Err(Error::Rejected(CreateTenantRejection::NameTwice { .. }))
    ));
    let strange = new_tenant().with_level(name("Wings"), set([("fly", Reach::Any)]));
    assert!(matches!(
        create(&office, strange),
        Err(Error::Rejected(CreateTenantRejection::UnknownPermissions(
            _
        )))
    ));
    assert_eq!(office.mails(), []);
}

#[test]
fn settings_are_read_as_they_were_set() {
    let office = Office::open();
    let rename = office
        .door
        .rename_tenant(office.admin(ConfigureTenant), name("Harbour Home"));
    block_on(rename).unwrap();
    let telephony = office
        .door
        .set_telephony(office.admin(ConfigureTenant), Use::Used);
    block_on(telephony).unwrap();
    let profile = office.created.profiles[0];
    let default = office
        .door
        .set_default_resident_profile(office.admin(ConfigureTenant), Some(profile));
    block_on(default).unwrap();
    let settings = block_on(office.door.settings(&office.admin(ConfigureTenant))).unwrap();
    assert_eq!(settings.name, name("Harbour Home"));
    assert_eq!(settings.telephony, Use::Used);
    assert_eq!(settings.default_resident_profile, Some(profile));
    assert_eq!(settings.access_key, None);
    // What stands already is no event.
    let count = office.actions().len();
    let same = office
        .door
        .set_telephony(office.admin(ConfigureTenant), Use::Used);
    block_on(same).unwrap();
    assert_eq!(office.actions().len(), count);
}

/// Design 6: an access key is "made and replaced by its administrators, shown once, kept as a
/// digest".
#[test]
fn an_access_key_is_shown_once_and_no_replay_shows_it_again() {
    let office = Office::open();
    let request = RequestId::made_at(NOW, [6; 10]);
    let replace = || {
        let permit = office.admin(ConfigureTenant).for_request(request);
        block_on(office.door.replace_access_key(permit)).unwrap()
    };
    let first = replace();
    let text = first.text.unwrap();
    let again = replace();
    assert_eq!(
        (again.generation, again.text.is_none()),
        (first.generation, true)
    );
    let next = office
        .door
        .replace_access_key(office.admin(ConfigureTenant));
    let next = block_on(next).unwrap();
    assert_eq!(next.generation, Generation::FIRST.next());
    assert_ne!(
        next.text.unwrap().expose_secret(),
        text.expose_secret(),
        "another key"
    );
    let stored = office.stored_text();
    assert!(!stored.contains(text.expose_secret()));
}

/// Design 6: administration is a permission: who does not hold it, sets nothing.
#[test]
fn a_member_without_the_permission_sets_nothing() {
    let office = Office::open();
    let member = office.staff("sam@example.org", Levels::none());
    let refused = office.door.authorise(&member.session, ConfigureTenant);
    assert!(matches!(block_on(refused), Err(Error::Denied(_))));
}

/// Hosts run use cases on executors that move tasks between threads.
#[test]
fn the_futures_of_the_use_cases_can_be_sent() {
    fn sendable<T: Send>(_: &T) {}

    let office = Office::open();
    let door = &office.door;
    let member = office.admin.membership;
    let permit = || office.admin(doorward::ManageMembers);
    sendable(&door.remove_member(permit(), member));
    sendable(&door.create_tenant(&door.operator(), new_tenant()));
    sendable(&door.import_people(office.admin(doorward::ManagePeople), Vec::new()));
    sendable(&door.delete_level(office.admin(EditLevels), office.created.levels[0]));
    sendable(&door.assign_groups(
        office.admin(doorward::ManageGroups),
        member,
        BTreeSet::new(),
    ));
    sendable(&door.rename_tenant(office.admin(ConfigureTenant), name("Harbour Home")));
}
