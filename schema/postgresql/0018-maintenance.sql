-- Hosts that are being emptied for maintenance, and what becomes of each virtual machine on them: the plan that is followed.

CREATE TABLE host_maintenance (
    host_id             bigint      NOT NULL PRIMARY KEY REFERENCES host (id),
    strategy            text        COLLATE "C" NOT NULL,
    job_id              bigint      NOT NULL,
    created             timestamptz NOT NULL,
    update_count        bigint      NOT NULL
);

CREATE TABLE host_maintenance_vm (
    host_id             bigint      NOT NULL REFERENCES host (id),
    vm_id               bigint      NOT NULL REFERENCES vm_instance (id),
    outcome             text        COLLATE "C" NOT NULL,
    target_host_id      bigint      NULL,
    stops               boolean     NOT NULL,
    begun               timestamptz NULL,
    attempts            integer     NOT NULL,
    not_before          timestamptz NULL,
    why                 text        COLLATE "C" NULL,
    PRIMARY KEY (host_id, vm_id)
);
CREATE INDEX i_host_maintenance_vm__vm_id ON host_maintenance_vm (vm_id);
