-- A row of each transaction that wrote something: whoever lost the connection at its commit looks for it here.

CREATE TABLE commit_marker (
    id                  uuid        NOT NULL PRIMARY KEY,
    created             timestamptz NOT NULL,
    lost                boolean     NOT NULL
);
CREATE INDEX i_commit_marker__created ON commit_marker (created);
