//! Which records there are: their kinds, what they claim, and how they are found.

pub(crate) mod access;
#[cfg(test)]
mod golden;
pub(crate) mod identity;
pub(crate) mod invitations;
