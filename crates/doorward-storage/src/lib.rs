//! The storage port of Doorward: records as envelopes, one commit, typed conflicts.
