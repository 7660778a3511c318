//! A month in one practice.
