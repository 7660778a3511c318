//! The access report: who can see whom, and why.
