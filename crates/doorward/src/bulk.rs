//! Inviting many people at once, with a typed outcome for each row.
