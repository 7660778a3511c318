//! Audit entries without personal data, their side rows, queries and the access report; pure.
