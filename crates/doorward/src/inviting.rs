//! Invitations as sponsors see them: issued, sent again, amended, adopted, revoked.
