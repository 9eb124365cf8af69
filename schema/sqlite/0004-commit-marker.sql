-- Kept alike with the other engines: a commit of SQLite cannot lose its answer, and leaves no row here.

CREATE TABLE commit_marker (
    id                  TEXT    NOT NULL PRIMARY KEY,
    created             TEXT    NOT NULL,
    lost                INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX i_commit_marker__created ON commit_marker (created);
