//! The operator: the host process itself, which creates tenants and nothing else.
