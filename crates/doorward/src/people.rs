//! People and how they stand to each other, imported or written by the host.
