//! Activation: the first password of an account, by the mailed link.
