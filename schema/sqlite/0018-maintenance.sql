-- Hosts that are being emptied for maintenance, and what becomes of each virtual machine on them: the plan that is followed.

CREATE TABLE host_maintenance (
    host_id             INTEGER NOT NULL PRIMARY KEY REFERENCES host (id),
    strategy            TEXT    NOT NULL,
    job_id              INTEGER NOT NULL,
    created             TEXT    NOT NULL,
    update_count        INTEGER NOT NULL
);

CREATE TABLE host_maintenance_vm (
    host_id             INTEGER NOT NULL REFERENCES host (id),
    vm_id               INTEGER NOT NULL REFERENCES vm_instance (id),
    outcome             TEXT    NOT NULL,
    target_host_id      INTEGER NULL,
    stops               INTEGER NOT NULL,
    begun               TEXT    NULL,
    attempts            INTEGER NOT NULL,
    not_before          TEXT    NULL,
    why                 TEXT    NULL,
    PRIMARY KEY (host_id, vm_id)
) WITHOUT ROWID;
CREATE INDEX i_host_maintenance_vm__vm_id ON host_maintenance_vm (vm_id);
