//! The contract of the Doorward storage port as named test cases for any adapter.
