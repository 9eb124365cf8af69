-- The last run of each reconciliation job, for all servers; and what these jobs look for.

CREATE TABLE reconciliation_job (
    name                text        COLLATE "C" NOT NULL PRIMARY KEY,
    server              text        COLLATE "C" NOT NULL,
    last_start          timestamptz NOT NULL,
    last_end            timestamptz NULL,
    last_result         text        COLLATE "C" NULL,
    failing             integer     NOT NULL,
    runs                bigint      NOT NULL,
    failures            bigint      NOT NULL
);

CREATE INDEX i_vm_instance__workflow_id ON vm_instance (workflow_id) WHERE workflow_id IS NOT NULL;
CREATE INDEX i_pci_device_history__created ON pci_device_history (created);
CREATE INDEX i_alert__resolved ON alert (resolved);
