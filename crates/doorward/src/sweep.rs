//! The sweep: what time has made due, in every tenant.
