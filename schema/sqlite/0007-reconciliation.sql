-- The last run of each reconciliation job, for all servers; and what these jobs look for.

CREATE TABLE reconciliation_job (
    name                TEXT    NOT NULL PRIMARY KEY,
    server              TEXT    NOT NULL,
    last_start          TEXT    NOT NULL,
    last_end            TEXT    NULL,
    last_result         TEXT    NULL,
    failing             INTEGER NOT NULL,
    runs                INTEGER NOT NULL,
    failures            INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX i_vm_instance__workflow_id ON vm_instance (workflow_id) WHERE workflow_id IS NOT NULL;
CREATE INDEX i_pci_device_history__created ON pci_device_history (created);
CREATE INDEX i_alert__resolved ON alert (resolved);
