-- Records as envelopes (the storage port knows no domain); every key begins with its scope:
-- no bytes for the directory, the 16 bytes of its id for a tenant. Instants are microseconds
-- since 1970-01-01 00:00 UTC.

CREATE TABLE doorward_record (
    seq     INTEGER PRIMARY KEY,
    scope   BLOB    NOT NULL,
    kind    TEXT    NOT NULL,
    id      BLOB    NOT NULL,
    version INTEGER NOT NULL,
    body    BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX doorward_record_key ON doorward_record (scope, kind, id);

-- At most one record holds a value of a space.
CREATE TABLE doorward_claim (
    scope  BLOB    NOT NULL,
    space  TEXT    NOT NULL,
    value  BLOB    NOT NULL,
    record INTEGER NOT NULL REFERENCES doorward_record (seq),
    PRIMARY KEY (scope, space, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX doorward_claim_record ON doorward_claim (record);

-- Any number of records are found under a value. Clustered by record, since a rewritten record
-- reads and changes all its entries.
CREATE TABLE doorward_entry (
    record INTEGER NOT NULL REFERENCES doorward_record (seq),
    name   TEXT    NOT NULL,
    value  BLOB    NOT NULL,
    scope  BLOB    NOT NULL,
    kind   TEXT    NOT NULL,
    id     BLOB    NOT NULL,
    PRIMARY KEY (record, name, value)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX doorward_entry_value ON doorward_entry (scope, name, value, kind, id);

-- The highest version that a deleted record had: a record made anew starts above it.
CREATE TABLE doorward_deleted (
    version INTEGER NOT NULL
) STRICT;
INSERT INTO doorward_deleted (version) VALUES (0);

CREATE TABLE doorward_audit (
    seq      INTEGER PRIMARY KEY,
    scope    BLOB NOT NULL,
    id       BLOB NOT NULL,
    body     BLOB NOT NULL,
    position INTEGER
) STRICT;
CREATE UNIQUE INDEX doorward_audit_id ON doorward_audit (scope, id);
CREATE INDEX doorward_audit_unsealed ON doorward_audit (scope, id) WHERE position IS NULL;
CREATE UNIQUE INDEX doorward_audit_sealed ON doorward_audit (scope, position)
    WHERE position IS NOT NULL;

-- The personal data that an audit entry holds the digest of. Erasure deletes here.
CREATE TABLE doorward_audit_side (
    scope BLOB NOT NULL,
    entry BLOB NOT NULL,
    field TEXT NOT NULL,
    salt  BLOB NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (scope, entry, field),
    FOREIGN KEY (scope, entry) REFERENCES doorward_audit (scope, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE doorward_checkpoint (
    scope    BLOB    NOT NULL,
    position INTEGER NOT NULL,
    body     BLOB    NOT NULL,
    PRIMARY KEY (scope, position)
) STRICT, WITHOUT ROWID;

-- Messages that wait for their hand-off. A message is free from `free_at` on: from when it is due,
-- while it is leased from the end of the lease. `holder` is the attempt that may settle it.
CREATE TABLE doorward_message (
    seq      INTEGER PRIMARY KEY,
    scope    BLOB    NOT NULL,
    id       BLOB    NOT NULL,
    body     BLOB    NOT NULL,
    due_at   INTEGER NOT NULL,
    free_at  INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    holder   INTEGER
) STRICT;
CREATE UNIQUE INDEX doorward_message_id ON doorward_message (scope, id);
CREATE INDEX doorward_message_free ON doorward_message (free_at, scope, id);

-- Requests that were applied, and what a resend is answered.
CREATE TABLE doorward_request (
    scope     BLOB    NOT NULL,
    principal BLOB    NOT NULL,
    id        BLOB    NOT NULL,
    digest    BLOB    NOT NULL,
    receipt   BLOB    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (scope, principal, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX doorward_request_age ON doorward_request (at);
