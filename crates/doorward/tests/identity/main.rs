//! The use cases of identity over memory: real storage, real mail, a clock that stands.

mod accounts;
mod addresses;
mod agency;
mod credentials;
mod sign_in;
