//! The access table of Kalix, as its managers read it.

use std::collections::BTreeMap;

use doorward::access::Relation;
use doorward_examples::kalix::Kalix;

pub(crate) const ROLES: [&str; 4] = ["clinical", "supervisor", "administrative", "director"];
const TABLE: &str = include_str!("../data/kalix_access.csv");

/// The rows of the table, by column name.
pub(crate) fn table() -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(TABLE.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

/// Whose data a row is about.
pub(crate) fn relation(whose: &str) -> Relation {
    match whose {
        "own" => Relation::Own,
        "assigned" => Relation::Assigned,
        "other" | "practice" => Relation::Other,
        other => panic!("a row says `{other}`: own, assigned, other or practice is meant"),
    }
}

/// The permission that the host asks for, for an action over somebody's data. Where others' does not
/// include own, there are two (design 4).
pub(crate) fn permission(action: &str, whose: &str) -> Kalix {
    match (action, whose) {
        ("view appointments", _) => Kalix::VIEW_APPOINTMENTS,
        ("edit appointments" | "create a day-long event", _) => Kalix::EDIT_APPOINTMENTS,
        ("delete appointments", _) => Kalix::DELETE_APPOINTMENTS,
        ("see that a colleague is busy", _) => Kalix::VIEW_BUSY_TIME,
        ("be offered as schedulable clinician", _) => Kalix::BE_SCHEDULED,
        ("set availability", "own") => Kalix::SET_OWN_AVAILABILITY,
        ("set availability", _) => Kalix::SET_OTHERS_AVAILABILITY,
        ("set blockout days", "own") => Kalix::SET_OWN_BLOCKOUTS,
        ("set blockout days", _) => Kalix::SET_OTHERS_BLOCKOUTS,
        ("view tasks", _) => Kalix::VIEW_TASKS,
        ("create and edit tasks", _) => Kalix::EDIT_TASKS,
        ("view clients", _) => Kalix::VIEW_CLIENTS,
        ("create clients", _) => Kalix::CREATE_CLIENTS,
        ("edit clients", _) => Kalix::EDIT_CLIENTS,
        ("view contacts", _) => Kalix::VIEW_CONTACTS,
        ("create and edit contacts", _) => Kalix::EDIT_CONTACTS,
        ("view referrals", _) => Kalix::VIEW_REFERRALS,
        ("create and edit referrals", _) => Kalix::EDIT_REFERRALS,
        ("begin new work on a client", _) => Kalix::WORK_ON_CLIENT,
        ("view templates", _) => Kalix::VIEW_TEMPLATES,
        ("create and edit templates", _) => Kalix::EDIT_TEMPLATES,
        ("view documents", _) => Kalix::VIEW_DOCUMENTS,
        ("edit documents", _) => Kalix::EDIT_DOCUMENTS,
        ("send documents", _) => Kalix::SEND_DOCUMENTS,
        ("view bills and payments", _) => Kalix::VIEW_BILLS,
        ("edit bills and payments", _) => Kalix::EDIT_BILLS,
        ("see the billing overview", _) => Kalix::VIEW_BILLING_OVERVIEW,
        ("export bills in bulk", _) => Kalix::EXPORT_BILLS,
        ("view messages", _) => Kalix::VIEW_MESSAGES,
        ("reply to messages", _) => Kalix::REPLY_TO_MESSAGES,
        ("edit location settings", _) => Kalix::EDIT_LOCATION_SETTINGS,
        ("edit appointment settings", _) => Kalix::EDIT_APPOINTMENT_SETTINGS,
        ("edit messaging settings", _) => Kalix::EDIT_MESSAGING_SETTINGS,
        ("edit subscription", _) => Kalix::EDIT_SUBSCRIPTION,
        ("add and remove users", _) => Kalix::MANAGE_USERS,
        ("see the names of user groups", _) => Kalix::VIEW_GROUPS,
        ("open the account to Kalix support", _) => Kalix::OPEN_TO_SUPPORT,
        ("edit the My Details page", "own") => Kalix::EDIT_OWN_DETAILS,
        ("edit the My Details page", _) => Kalix::MANAGE_USERS,
        (other, whose) => panic!("no permission stands for `{other}` over `{whose}` data"),
    }
}

/// Reads a cell: yes, no, or switches that must be on or off.
pub(crate) fn cell_allows(cell: &str, stands: &BTreeMap<String, bool>) -> bool {
    match cell {
        "yes" => true,
        "no" => false,
        conditions => conditions.split(" and ").all(|condition| {
            let (name, wanted) = condition.split_once(' ').unwrap();
            match wanted {
                "on" => stands[name],
                "off" => !stands[name],
                other => panic!("a cell says `{other}`: on or off is meant"),
            }
        }),
    }
}
