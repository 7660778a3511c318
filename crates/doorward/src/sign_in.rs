//! Signing in: one neutral refusal, equal cost for every name.
