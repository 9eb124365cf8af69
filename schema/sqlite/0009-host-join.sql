-- How hosts get a user of their own on the broker: tokens of operators, each good for one host, and the hash of each host's
-- password, with which its user is made again on a broker that has lost it.

CREATE TABLE host_join_token (
    id                  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uuid                TEXT    NOT NULL,
    token_hash          TEXT    NOT NULL,
    cluster_id          INTEGER NOT NULL REFERENCES cluster (id),
    host_id             INTEGER NULL REFERENCES host (id),
    created             TEXT    NOT NULL,
    expires             TEXT    NOT NULL,
    used                TEXT    NULL,
    used_by             TEXT    NULL
);
CREATE UNIQUE INDEX uc_host_join_token__uuid ON host_join_token (uuid);
CREATE UNIQUE INDEX uc_host_join_token__token_hash ON host_join_token (token_hash);
CREATE INDEX i_host_join_token__cluster_id ON host_join_token (cluster_id);
CREATE INDEX i_host_join_token__host_id ON host_join_token (host_id);

ALTER TABLE host ADD COLUMN bus_password_hash TEXT NULL;

-- Hosts are listed by what their operators want of them.
CREATE INDEX i_host__resource_state__name ON host (resource_state, name);
