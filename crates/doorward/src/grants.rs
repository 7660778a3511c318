//! Grants over subjects, and the people a member is attached to.
