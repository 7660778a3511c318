-- Claims and index entries lie in the order in which they are looked up, and there alone. What a
-- record has of both stands in one row of its own: a rewritten record reads it, and writes the
-- difference. Before, both lay a second time, by record.

CREATE TABLE doorward_claimed (
    scope  BLOB    NOT NULL,
    space  TEXT    NOT NULL,
    value  BLOB    NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (scope, space, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE doorward_indexed (
    scope  BLOB    NOT NULL,
    name   TEXT    NOT NULL,
    value  BLOB    NOT NULL,
    kind   TEXT    NOT NULL,
    id     BLOB    NOT NULL,
    record INTEGER NOT NULL,
    PRIMARY KEY (scope, name, value, kind, id)
) STRICT, WITHOUT ROWID;

-- One after the other, claims first, each in the order of its table: a byte that is 0 for an entry
-- and for a claim the length of its scope and 1, the scope, the length of the name in one byte, the
-- name, the length of the value in two bytes, the value.
CREATE TABLE doorward_held (
    record INTEGER PRIMARY KEY REFERENCES doorward_record (seq),
    keys   BLOB    NOT NULL
) STRICT;

INSERT INTO doorward_claimed (scope, space, value, record)
SELECT scope, space, value, record FROM doorward_claim ORDER BY scope, space, value;

INSERT INTO doorward_indexed (scope, name, value, kind, id, record)
SELECT scope, name, value, kind, id, record FROM doorward_entry
ORDER BY scope, name, value, kind, id;

-- `doorward_held` is filled next, and then the tables go from which all of it came.
