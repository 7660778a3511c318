//! Invitations with attestation, expiry, generations and typed refusals; pure.
