//! Permissions with reasons: catalog, roles, levels, switches, reach, grants, decisions; pure.
