//! Names of the catalog.

use doorward::types::{
    AgentName, ClassName, FeatureName, KindName, NAME_MAX_LEN, NameError, PermissionName, RoleName,
    StatementName, SwitchName,
};

use crate::law::{json_back, text};

/// Names of permissions, and the seven other names of a catalog, which have one grammar: what is
/// accepted is what was given.
///
/// # Panics
/// Where a law does not hold.
pub fn permission_name(bytes: &[u8]) {
    let Some(typed) = text(bytes) else {
        return;
    };
    let permission = PermissionName::new(typed);
    let refusal = permission.as_ref().err();
    if let Ok(name) = &permission {
        assert_eq!(name.as_str(), typed, "a name is kept as it is");
        assert_eq!(name.to_string(), typed, "and shown as it is");
        assert!((1..=NAME_MAX_LEN).contains(&typed.len()));
        assert!(typed.is_ascii() && !typed.contains(char::is_whitespace));
        json_back(name);
    }
    let others: [Option<NameError>; 7] = [
        AgentName::new(typed).err(),
        ClassName::new(typed).err(),
        FeatureName::new(typed).err(),
        KindName::new(typed).err(),
        RoleName::new(typed).err(),
        StatementName::new(typed).err(),
        SwitchName::new(typed).err(),
    ];
    for other in &others {
        assert_eq!(other.as_ref(), refusal, "all names have one grammar");
    }
}
