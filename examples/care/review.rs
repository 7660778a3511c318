//! What happens afterwards: people sign in, some are disabled, support looks, an auditor asks.

use std::{collections::BTreeSet, fs, io::BufWriter, path::Path};

use doorward::{
    Caller, Doorward, Error, Export, ManageMembers, OpenSupport, ReportOptions, SupportOpened,
    ViewAccess,
    access::{Decision, Record},
    audit::report::AccessStatus,
    types::{AgentName, PersonId, RequestId, SubjectId},
};
use doorward_examples::alis_connect::Alis;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{
    choice::{is_disabled, mark, signs_in},
    community::{Community, sign_in},
    failure::Failure,
    places::Place,
};

/// What those who signed in could see.
#[derive(Debug, Default)]
pub(crate) struct Used {
    /// How many signed in.
    pub signed_in_count: usize,
    /// Checks that allowed something over a resident they were invited for.
    pub allowed_count: usize,
    /// Checks over somebody else's data, all refused.
    pub refused_count: usize,
}

/// Every tenth member signs in and looks at a resident.
pub(crate) async fn sign_some_in(door: &Doorward, places: &[Place]) -> Result<Used, Failure> {
    let mut used = Used::default();
    for (number, place) in places.iter().enumerate() {
        if !signs_in(&place.reference) || place.status != AccessStatus::Connected {
            continue;
        }
        let name = place.address.original();
        let session = sign_in(door, place.tenant, name, &place.password()).await?;
        used.signed_in_count += 1;
        let snapshot = door.standing(&session).await?;
        for subject in snapshot.assigned() {
            let seen = [
                Alis::VIEW_INVOICES,
                Alis::VIEW_MEDICATIONS,
                Alis::VIEW_EVALUATIONS,
            ];
            for permission in seen {
                match door
                    .check(&session, permission, &Record::of(subject))
                    .await?
                {
                    Decision::Allow(_) => used.allowed_count += 1,
                    Decision::Deny(_) => {}
                    Decision::Undecided(missing) => {
                        return Err(Failure::new(format!("a check was undecided: {missing:?}")));
                    }
                }
            }
        }
        let stranger = places.get((number + 7) % places.len());
        if let Some(stranger) = stranger.filter(|other| other.account != place.account) {
            let nobody = SubjectId::from(PersonId::from_uuid(stranger.account.as_uuid()));
            match door
                .check(&session, Alis::VIEW_MEDICATIONS, &Record::of(nobody))
                .await?
            {
                Decision::Deny(_) => used.refused_count += 1,
                other => return Err(Failure::new(format!("a stranger was seen: {other:?}"))),
            }
        }
    }
    Ok(used)
}

/// Members whose access is disabled.
#[derive(Debug, Default)]
pub(crate) struct DisabledMembers {
    /// All of them.
    pub count: usize,
    /// How many of them an earlier run disabled.
    pub before_count: usize,
}

/// Disables every fortieth member, and shows that it ends their session at once.
pub(crate) async fn disable_some(
    door: &Doorward,
    communities: &[Community],
    places: &[Place],
) -> Result<DisabledMembers, Failure> {
    let mut disabled = DisabledMembers::default();
    for place in places.iter().filter(|place| is_disabled(&place.reference)) {
        if place.status == AccessStatus::Disabled {
            disabled.count += 1;
            disabled.before_count += 1;
            continue;
        }
        let Some(community) = communities.iter().find(|c| c.tenant == place.tenant) else {
            continue;
        };
        let name = place.address.original();
        let session = sign_in(door, place.tenant, name, &place.password()).await?;
        let permit = door.authorise(&community.director, ManageMembers).await?;
        door.disable_access(permit, place.membership).await?;
        match door.resume(&session).await {
            Err(Error::Denied(_)) => disabled.count += 1,
            Ok(()) => return Err(Failure::new("a disabled member's session lives on")),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(disabled)
}

/// What support could do.
#[derive(Debug, Default)]
pub(crate) struct Supported {
    /// Communities that let support in.
    pub opened_count: usize,
    /// How many of them let it in before this run, and still do.
    pub before_count: usize,
    /// Things support tried that it may not do.
    pub refused_count: usize,
}

/// For how long support is let in.
const SUPPORT: Duration = Duration::days(7);

/// The first community lets the provider's support in; it may look, and not invite.
pub(crate) async fn let_support_in(
    door: &Doorward,
    communities: &[Community],
) -> Result<Supported, Failure> {
    let mut supported = Supported::default();
    for community in communities.iter().take(1) {
        let begun = door.now();
        let opened = open_support(door, community, begun).await?;
        supported.opened_count += 1;
        if opened.until.is_some_and(|until| until - SUPPORT < begun) {
            supported.before_count += 1;
        }
        let agent = AgentName::new("a.meyer")?;
        let caller = Caller::Support {
            tenant: community.tenant,
            support: opened.support,
            agent,
        };
        door.authorise(caller.clone(), ViewAccess).await?;
        if let Err(Error::Denied(_)) = door.authorise(caller, doorward::Invite).await {
            supported.refused_count += 1;
        }
    }
    Ok(supported)
}

/// Opens support access once: a second tick would begin a new seven days, so the first, second, ..
/// opening each has a request of its own, and one that is open answers as it did.
async fn open_support(
    door: &Doorward,
    community: &Community,
    now: OffsetDateTime,
) -> Result<SupportOpened, Failure> {
    for number in 0_u64.. {
        let place = mark("support", &community.tenant.to_string());
        let request = RequestId::from_uuid(Uuid::from_u64_pair(place, number));
        let permit = door.authorise(&community.director, OpenSupport).await?;
        let opened = door.open_support(permit.for_request(request)).await?;
        if opened.until.is_none_or(|until| now < until) {
            return Ok(opened);
        }
    }
    Err(Failure::new(
        "support access ended as soon as it was opened",
    ))
}

/// The answer to "who can see this resident, and why".
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// The resident.
    pub resident: String,
    /// A line for each who can.
    pub viewers: Vec<String>,
}

/// Asks about the resident of the first community on the list whom most can see.
pub(crate) async fn ask_who_sees(
    door: &Doorward,
    communities: &[Community],
    places: &[Place],
) -> Result<Asked, Failure> {
    let mut most = Asked::default();
    let Some(community) = communities.iter().find(|one| !one.rows.is_empty()) else {
        return Ok(most);
    };
    let permit = door.authorise(&community.director, ViewAccess).await?;
    let joined: BTreeSet<_> = places.iter().map(|place| place.membership).collect();
    for invitee in community
        .rows
        .iter()
        .filter(|row| row.subject == Some(row.person))
        .take(40)
    {
        let subject = SubjectId::from(invitee.person);
        let viewers = door
            .who_can_see(&permit, subject, Alis::VIEW_INVOICES)
            .await?;
        let family = viewers
            .iter()
            .filter(|v| v.membership.is_some_and(|m| joined.contains(&m)));
        if family.count() + 1 > most.viewers.len() {
            let line = |viewer: &doorward::Viewer| {
                let name = viewer
                    .name
                    .as_ref()
                    .map_or("somebody", |name| name.as_str());
                let why: Vec<String> = viewer.why.iter().map(ToString::to_string).collect();
                let until = viewer
                    .until
                    .map(|until| format!(", until {until}"))
                    .unwrap_or_default();
                format!("{name}: {}{until}", why.join("; "))
            };
            let lines = viewers.iter().map(line).collect();
            most = Asked {
                resident: invitee.row.name(),
                viewers: lines,
            };
        }
    }
    Ok(most)
}

/// Writes the access report of each community and answers how many rows each has.
pub(crate) async fn write_reports(
    door: &Doorward,
    communities: &[Community],
    folder: &Path,
) -> Result<Vec<(String, u64)>, Failure> {
    fs::create_dir_all(folder).map_err(|error| {
        Failure::new(format!("the report folder `{}`: {error}", folder.display()))
    })?;
    let mut reports = Vec::new();
    for (number, community) in communities.iter().enumerate() {
        let path = folder.join(format!("access-{}.csv", number + 1));
        let unwritable =
            |error: std::io::Error| Failure::new(format!("`{}`: {error}", path.display()));
        let file = fs::File::create(&path).map_err(unwritable)?;
        let permit = door.authorise(&community.director, Export).await?;
        let header = door
            .access_report(&permit, ReportOptions::default(), BufWriter::new(file))
            .await?;
        reports.push((path.display().to_string(), header.counts.rows));
    }
    Ok(reports)
}
