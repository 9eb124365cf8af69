-- The first schema. Names are CloudStack's where CloudStack has the thing. Times are UTC, enums are stored by name,
-- uuids as upper-case text; name columns compare exactly (BINARY is SQLite's default). Where rows are deleted, ids are
-- AUTOINCREMENT: whoever still holds the id of a row that is gone must not find another one under it.

CREATE TABLE domain (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    parent              INTEGER NULL REFERENCES domain (id),
    name                TEXT    NOT NULL,
    path                TEXT    NOT NULL,
    created             TEXT    NOT NULL
);
CREATE UNIQUE INDEX uc_domain__uuid ON domain (uuid);
CREATE UNIQUE INDEX uc_domain__path ON domain (path);

CREATE TABLE account (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    account_name        TEXT    NOT NULL,
    type                TEXT    NOT NULL,
    domain_id           INTEGER NOT NULL REFERENCES domain (id),
    state               TEXT    NOT NULL,
    created             TEXT    NOT NULL,
    removed             TEXT    NULL
);
CREATE UNIQUE INDEX uc_account__uuid ON account (uuid);
CREATE INDEX i_account__domain_id ON account (domain_id);

CREATE TABLE user (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    username            TEXT    NOT NULL,
    account_id          INTEGER NOT NULL REFERENCES account (id),
    firstname           TEXT    NOT NULL,
    lastname            TEXT    NOT NULL,
    email               TEXT    NULL,
    state               TEXT    NOT NULL,
    created             TEXT    NOT NULL,
    removed             TEXT    NULL
);
CREATE UNIQUE INDEX uc_user__uuid ON user (uuid);
CREATE INDEX i_user__account_id ON user (account_id);

CREATE TABLE data_center (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    allocation_state    TEXT    NOT NULL,
    created             TEXT    NOT NULL
);
CREATE UNIQUE INDEX uc_data_center__uuid ON data_center (uuid);
CREATE UNIQUE INDEX uc_data_center__name ON data_center (name);

CREATE TABLE host_pod_ref (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    data_center_id      INTEGER NOT NULL REFERENCES data_center (id),
    allocation_state    TEXT    NOT NULL,
    created             TEXT    NOT NULL
);
CREATE UNIQUE INDEX uc_host_pod_ref__uuid ON host_pod_ref (uuid);
CREATE UNIQUE INDEX uc_host_pod_ref__data_center_id__name ON host_pod_ref (data_center_id, name);

CREATE TABLE cluster (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    pod_id              INTEGER NOT NULL REFERENCES host_pod_ref (id),
    data_center_id      INTEGER NOT NULL REFERENCES data_center (id),
    hypervisor_type     TEXT    NOT NULL,
    allocation_state    TEXT    NOT NULL,
    created             TEXT    NOT NULL
);
CREATE UNIQUE INDEX uc_cluster__uuid ON cluster (uuid);
CREATE UNIQUE INDEX uc_cluster__pod_id__name ON cluster (pod_id, name);
CREATE INDEX i_cluster__data_center_id ON cluster (data_center_id);

CREATE TABLE host (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    guid                TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    data_center_id      INTEGER NOT NULL REFERENCES data_center (id),
    pod_id              INTEGER NOT NULL REFERENCES host_pod_ref (id),
    cluster_id          INTEGER NOT NULL REFERENCES cluster (id),
    status              TEXT    NOT NULL,
    resource_state      TEXT    NOT NULL,
    private_ip_address  TEXT    NULL,
    version             TEXT    NOT NULL,
    hypervisor_type     TEXT    NOT NULL,
    hypervisor_version  TEXT    NULL,
    cpu_arch            TEXT    NOT NULL,
    cpu_sockets         INTEGER NULL,
    cpus                INTEGER NOT NULL,
    speed               INTEGER NOT NULL,
    ram                 INTEGER NOT NULL,
    dom0_memory         INTEGER NOT NULL,
    capabilities        TEXT    NULL,
    host_tags           TEXT    NOT NULL,
    session             INTEGER NOT NULL,
    report_sequence     INTEGER NOT NULL,
    boot_id             TEXT    NOT NULL,
    last_ping           TEXT    NULL,
    disconnected        TEXT    NULL,
    created             TEXT    NOT NULL,
    removed             TEXT    NULL,
    update_count        INTEGER NOT NULL
);
CREATE UNIQUE INDEX uc_host__uuid ON host (uuid);
-- A deleted host may come back as a new row.
CREATE UNIQUE INDEX uc_host__guid ON host (guid) WHERE removed IS NULL;
CREATE INDEX i_host__name ON host (name);
CREATE INDEX i_host__cluster_id ON host (cluster_id);
CREATE INDEX i_host__data_center_id ON host (data_center_id);
CREATE INDEX i_host__status__last_ping ON host (status, last_ping);

-- What an offering can be matched with: the tags of a host and the devices that are allocatable on it, as canonical text,
-- named by a digest of both. Rows are only ever added; hosts point at the one that describes them now.
CREATE TABLE op_placement_class (
    id                  INTEGER NOT NULL PRIMARY KEY,
    digest              TEXT    NOT NULL,
    host_tags           TEXT    NOT NULL,
    pci_devices         TEXT    NOT NULL
);
CREATE UNIQUE INDEX uc_op_placement_class__digest ON op_placement_class (digest);

CREATE TABLE op_host_capacity (
    host_id             INTEGER NOT NULL PRIMARY KEY REFERENCES host (id),
    data_center_id      INTEGER NOT NULL,
    pod_id              INTEGER NOT NULL,
    cluster_id          INTEGER NOT NULL,
    capacity_state      TEXT    NOT NULL,
    cpu_total           INTEGER NOT NULL,
    cpu_used            INTEGER NOT NULL,
    cpu_free            INTEGER NOT NULL GENERATED ALWAYS AS (cpu_total - cpu_used) STORED,
    ram_total           INTEGER NOT NULL,
    ram_used            INTEGER NOT NULL,
    ram_free            INTEGER NOT NULL GENERATED ALWAYS AS (ram_total - ram_used) STORED,
    placement_class     TEXT    NOT NULL REFERENCES op_placement_class (digest),
    report_hash         TEXT    NULL,
    update_count        INTEGER NOT NULL
);
CREATE INDEX i_op_host_capacity__placement
    ON op_host_capacity (data_center_id, capacity_state, placement_class, cpu_free, ram_free);

CREATE TABLE op_host_capacity_vm (
    vm_id               INTEGER NOT NULL,
    host_id             INTEGER NOT NULL REFERENCES host (id),
    cpu                 INTEGER NOT NULL,
    ram                 INTEGER NOT NULL,
    PRIMARY KEY (vm_id, host_id)
) WITHOUT ROWID;
CREATE INDEX i_op_host_capacity_vm__host_id ON op_host_capacity_vm (host_id);

CREATE TABLE op_host_pci_devices (
    id                  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uuid                TEXT    NOT NULL,
    host_id             INTEGER NOT NULL REFERENCES host (id),
    name                TEXT    NOT NULL,
    name_override       TEXT    NULL,
    reported_name       TEXT    NOT NULL,
    domain              INTEGER NOT NULL,
    bus                 INTEGER NOT NULL,
    slot                INTEGER NOT NULL,
    function            INTEGER NOT NULL,
    address_text        TEXT    NOT NULL,
    instance_id         INTEGER NULL REFERENCES vm_instance (id),
    claim               INTEGER NOT NULL,
    claimed_name        TEXT    NULL,
    configured          INTEGER NOT NULL,
    present             INTEGER NOT NULL,
    health              TEXT    NOT NULL,
    health_reason       TEXT    NULL,
    enabled             INTEGER NOT NULL,
    seen_in             TEXT    NULL,
    seen_session        INTEGER NOT NULL,
    seen_sequence       INTEGER NOT NULL,
    vendor_id           TEXT    NULL,
    product_id          TEXT    NULL,
    class               TEXT    NULL,
    serial              TEXT    NULL,
    iommu_group         INTEGER NULL,
    numa_node           INTEGER NULL,
    driver              TEXT    NULL,
    physical_function   TEXT    NULL,
    created             TEXT    NOT NULL
);
CREATE UNIQUE INDEX uc_op_host_pci_devices__uuid ON op_host_pci_devices (uuid);
CREATE UNIQUE INDEX uc_op_host_pci_devices__address ON op_host_pci_devices (host_id, domain, bus, slot, function);
CREATE INDEX i_op_host_pci_devices__instance_id ON op_host_pci_devices (instance_id);
CREATE INDEX i_op_host_pci_devices__name ON op_host_pci_devices (name);

CREATE TABLE pci_device_history (
    id                  INTEGER NOT NULL PRIMARY KEY,
    device_id           INTEGER NOT NULL,
    claim               INTEGER NOT NULL,
    vm_id               INTEGER NULL,
    host_id             INTEGER NOT NULL,
    what                TEXT    NOT NULL,
    why                 TEXT    NOT NULL,
    job_id              INTEGER NULL,
    created             TEXT    NOT NULL
);
CREATE INDEX i_pci_device_history__device_id ON pci_device_history (device_id);
CREATE INDEX i_pci_device_history__vm_id ON pci_device_history (vm_id);

CREATE TABLE service_offering (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    display_text        TEXT    NOT NULL,
    state               TEXT    NOT NULL,
    cpu                 INTEGER NOT NULL,
    speed               INTEGER NOT NULL,
    ram_size            INTEGER NOT NULL,
    host_tags           TEXT    NOT NULL,
    ha_enabled          INTEGER NOT NULL,
    pci_devices         TEXT    NOT NULL,
    details             TEXT    NOT NULL,
    domain_id           INTEGER NULL REFERENCES domain (id),
    created             TEXT    NOT NULL
);
CREATE UNIQUE INDEX uc_service_offering__uuid ON service_offering (uuid);
CREATE INDEX i_service_offering__name ON service_offering (name);

CREATE TABLE vm_template (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    display_text        TEXT    NOT NULL,
    url                 TEXT    NOT NULL,
    format              TEXT    NOT NULL,
    hypervisor_type     TEXT    NOT NULL,
    account_id          INTEGER NOT NULL REFERENCES account (id),
    domain_id           INTEGER NOT NULL REFERENCES domain (id),
    created             TEXT    NOT NULL,
    removed             TEXT    NULL
);
CREATE UNIQUE INDEX uc_vm_template__uuid ON vm_template (uuid);
CREATE INDEX i_vm_template__name ON vm_template (name);

CREATE TABLE vm_instance (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    display_name        TEXT    NULL,
    instance_name       TEXT    NOT NULL,
    state               TEXT    NOT NULL,
    host_id             INTEGER NULL REFERENCES host (id),
    last_host_id        INTEGER NULL REFERENCES host (id),
    service_offering_id INTEGER NOT NULL REFERENCES service_offering (id),
    vm_template_id      INTEGER NOT NULL REFERENCES vm_template (id),
    data_center_id      INTEGER NOT NULL REFERENCES data_center (id),
    account_id          INTEGER NOT NULL REFERENCES account (id),
    domain_id           INTEGER NOT NULL REFERENCES domain (id),
    user_id             INTEGER NOT NULL REFERENCES user (id),
    workflow_id         INTEGER NULL,
    command_number      INTEGER NOT NULL,
    answer_host_id      INTEGER NULL,
    answer_session      INTEGER NOT NULL,
    answer_sequence     INTEGER NOT NULL,
    update_count        INTEGER NOT NULL,
    update_time         TEXT    NOT NULL,
    created             TEXT    NOT NULL,
    removed             TEXT    NULL
);
CREATE UNIQUE INDEX uc_vm_instance__uuid ON vm_instance (uuid);
CREATE INDEX i_vm_instance__name ON vm_instance (name);
CREATE INDEX i_vm_instance__host_id ON vm_instance (host_id);
CREATE INDEX i_vm_instance__state ON vm_instance (state);
CREATE INDEX i_vm_instance__service_offering_id ON vm_instance (service_offering_id);
CREATE INDEX i_vm_instance__account_id ON vm_instance (account_id);

CREATE TABLE workflow (
    id                  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind                TEXT    NOT NULL,
    vm_id               INTEGER NOT NULL REFERENCES vm_instance (id),
    job_id              INTEGER NULL,
    waiting             INTEGER NOT NULL,
    step                TEXT    NOT NULL,
    document            TEXT    NOT NULL,
    deadline            TEXT    NULL,
    awaiting_host_id    INTEGER NULL,
    awaiting_command_id TEXT    NULL,
    awaiting_command    TEXT    NULL,
    version             INTEGER NOT NULL,
    created             TEXT    NOT NULL
);
CREATE INDEX i_workflow__vm_id ON workflow (vm_id);
CREATE INDEX i_workflow__deadline ON workflow (deadline);
CREATE INDEX i_workflow__awaiting_command_id ON workflow (awaiting_command_id);
CREATE INDEX i_workflow__awaiting_host_id ON workflow (awaiting_host_id);

CREATE TABLE async_job (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    job_cmd             TEXT    NOT NULL,
    user_id             INTEGER NOT NULL REFERENCES user (id),
    account_id          INTEGER NOT NULL REFERENCES account (id),
    domain_id           INTEGER NOT NULL REFERENCES domain (id),
    event_type          TEXT    NOT NULL,
    instance_type       TEXT    NULL,
    instance_id         INTEGER NULL,
    job_status          TEXT    NOT NULL,
    failure             TEXT    NULL,
    job_result          TEXT    NULL,
    start_event         TEXT    NULL,
    created             TEXT    NOT NULL,
    completed           TEXT    NULL
);
CREATE UNIQUE INDEX uc_async_job__uuid ON async_job (uuid);
CREATE INDEX i_async_job__instance ON async_job (instance_type, instance_id, job_status);
CREATE INDEX i_async_job__account_id ON async_job (account_id);
CREATE INDEX i_async_job__completed ON async_job (completed);

CREATE TABLE event (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    type                TEXT    NOT NULL,
    level               TEXT    NOT NULL,
    state               TEXT    NOT NULL,
    description         TEXT    NOT NULL,
    user_id             INTEGER NOT NULL,
    account_id          INTEGER NOT NULL,
    domain_id           INTEGER NOT NULL,
    resource_type       TEXT    NULL,
    resource_id         INTEGER NULL,
    parent              TEXT    NULL,
    created             TEXT    NOT NULL
);
CREATE UNIQUE INDEX uc_event__uuid ON event (uuid);
CREATE INDEX i_event__created ON event (created);
CREATE INDEX i_event__resource ON event (resource_type, resource_id);
CREATE INDEX i_event__type ON event (type);

CREATE TABLE alert (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    type                TEXT    NOT NULL,
    subject             TEXT    NOT NULL,
    body                TEXT    NOT NULL,
    host_id             INTEGER NULL,
    vm_id               INTEGER NULL,
    created             TEXT    NOT NULL,
    resolved            TEXT    NULL
);
CREATE UNIQUE INDEX uc_alert__uuid ON alert (uuid);
CREATE INDEX i_alert__host_id ON alert (host_id);
CREATE INDEX i_alert__created ON alert (created);

CREATE TABLE outbox_message (
    id                  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    destination         TEXT    NOT NULL,
    message_type        TEXT    NOT NULL,
    body                TEXT    NOT NULL,
    lease_owner         TEXT    NOT NULL,
    lease_until         TEXT    NOT NULL,
    created             TEXT    NOT NULL
);
CREATE INDEX i_outbox_message__lease_until ON outbox_message (lease_until);

-- The domain ROOT, with the account and the user admin.
INSERT INTO domain (id, uuid, parent, name, path, created)
    VALUES (1, 'B4F1F1C0-6C1A-4C7B-9B0E-6B1D6A1B0001', NULL, 'ROOT', 'ROOT', '2026-01-01 00:00:00');
INSERT INTO account (id, uuid, account_name, type, domain_id, state, created)
    VALUES (1, 'B4F1F1C0-6C1A-4C7B-9B0E-6B1D6A1B0002', 'admin', 'Admin', 1, 'Enabled', '2026-01-01 00:00:00');
INSERT INTO user (id, uuid, username, account_id, firstname, lastname, state, created)
    VALUES (1, 'B4F1F1C0-6C1A-4C7B-9B0E-6B1D6A1B0003', 'admin', 1, 'Admin', 'User', 'Enabled', '2026-01-01 00:00:00');
