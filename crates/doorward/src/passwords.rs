//! Passwords: changed, reset by mail, replaced after a temporary one.
