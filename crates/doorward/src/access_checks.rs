//! Checks: may this session do that to this record, why, and what would change it.
