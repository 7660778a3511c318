//! Accepting and declining: by the mailed token, or signed in by the account's own address.
