//! The options of a tenant, its access key and its default profile.
