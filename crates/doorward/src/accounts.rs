//! Accounts as administrators see them: made, renamed, converted, disabled, given new credentials.
