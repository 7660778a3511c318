//! Reverse questions: who can see this subject, what can this account reach.
