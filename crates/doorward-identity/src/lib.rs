//! People, accounts, credentials and sign-in as rules; pure.
