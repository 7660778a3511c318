//! The memory adapter of the Doorward storage port: the model the other adapters are compared with.
