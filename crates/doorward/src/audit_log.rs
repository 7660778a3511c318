//! The audit log as auditors read it.
