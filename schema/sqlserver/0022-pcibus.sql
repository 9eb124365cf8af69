-- The whole schema, as the scripts 0001 to 0022 of the other engines leave it. No database on SQL Server is older than this script, so
-- nothing has to be brought forward. Its number is that of their newest script: a later script has one number on all engines.
--
-- Text compares and sorts by its bytes, as on the other engines: each column says so, whatever the collation of the database is. Text in
-- an index has 450 characters at most, the name of an enum 64: a key of an index has 1700 bytes at most, that of a table 900.

-- A list that a query is given has the collation of the database; it is compared with columns, and must have theirs.
IF CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), N'Collation')) <> N'Latin1_General_100_BIN2'
    THROW 50001, N'Make the database with CREATE DATABASE ... COLLATE Latin1_General_100_BIN2', 1;

-- A reader must not wait for a writer. It cannot be switched on here: ALTER DATABASE runs in no transaction.
IF EXISTS (SELECT 1 FROM sys.databases WHERE database_id = DB_ID() AND is_read_committed_snapshot_on = 0)
    THROW 50002, N'Say ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON first, while nothing else is connected', 1;

CREATE TABLE domain (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_domain PRIMARY KEY,
    uuid                uniqueidentifier NOT NULL,
    parent              bigint           NULL CONSTRAINT fk_domain__parent REFERENCES domain (id),
    name                nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    path                nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    created             datetime2        NOT NULL
);
CREATE UNIQUE INDEX uc_domain__uuid ON domain (uuid);
CREATE UNIQUE INDEX uc_domain__path ON domain (path);

CREATE TABLE account (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_account PRIMARY KEY,
    uuid                uniqueidentifier NOT NULL,
    account_name        nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    type                nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    domain_id           bigint           NOT NULL CONSTRAINT fk_account__domain_id REFERENCES domain (id),
    state               nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    created             datetime2        NOT NULL,
    removed             datetime2        NULL
);
CREATE UNIQUE INDEX uc_account__uuid ON account (uuid);
CREATE INDEX i_account__domain_id ON account (domain_id);

CREATE TABLE [user] (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_user PRIMARY KEY,
    uuid                uniqueidentifier NOT NULL,
    username            nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    account_id          bigint           NOT NULL CONSTRAINT fk_user__account_id REFERENCES account (id),
    firstname           nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    lastname            nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    email               nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    state               nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    created             datetime2        NOT NULL,
    removed             datetime2        NULL,
    password            nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    api_key             nvarchar(450)    COLLATE Latin1_General_100_BIN2 NULL,
    secret_key          nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL
);
CREATE UNIQUE INDEX uc_user__uuid ON [user] (uuid);
CREATE INDEX i_user__account_id ON [user] (account_id);
-- Here a unique index takes one NULL, where those of the other engines take any number.
CREATE UNIQUE INDEX uc_user__api_key ON [user] (api_key) WHERE api_key IS NOT NULL;

CREATE TABLE data_center (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_data_center PRIMARY KEY,
    uuid                uniqueidentifier NOT NULL,
    name                nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    allocation_state    nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    created             datetime2        NOT NULL
);
CREATE UNIQUE INDEX uc_data_center__uuid ON data_center (uuid);
CREATE UNIQUE INDEX uc_data_center__name ON data_center (name);

CREATE TABLE host_pod_ref (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_host_pod_ref PRIMARY KEY,
    uuid                uniqueidentifier NOT NULL,
    name                nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    data_center_id      bigint           NOT NULL,
    allocation_state    nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    created             datetime2        NOT NULL,
    CONSTRAINT fk_host_pod_ref__data_center_id FOREIGN KEY (data_center_id) REFERENCES data_center (id)
);
CREATE UNIQUE INDEX uc_host_pod_ref__uuid ON host_pod_ref (uuid);
CREATE UNIQUE INDEX uc_host_pod_ref__data_center_id__name ON host_pod_ref (data_center_id, name);

CREATE TABLE cluster (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_cluster PRIMARY KEY,
    uuid                uniqueidentifier NOT NULL,
    name                nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    pod_id              bigint           NOT NULL CONSTRAINT fk_cluster__pod_id REFERENCES host_pod_ref (id),
    data_center_id      bigint           NOT NULL CONSTRAINT fk_cluster__data_center_id REFERENCES data_center (id),
    hypervisor_type     nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    allocation_state    nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    created             datetime2        NOT NULL
);
CREATE UNIQUE INDEX uc_cluster__uuid ON cluster (uuid);
CREATE UNIQUE INDEX uc_cluster__pod_id__name ON cluster (pod_id, name);
CREATE INDEX i_cluster__data_center_id ON cluster (data_center_id);

CREATE TABLE host (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_host PRIMARY KEY,
    uuid                uniqueidentifier NOT NULL,
    guid                nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    name                nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    data_center_id      bigint           NOT NULL CONSTRAINT fk_host__data_center_id REFERENCES data_center (id),
    pod_id              bigint           NOT NULL CONSTRAINT fk_host__pod_id REFERENCES host_pod_ref (id),
    cluster_id          bigint           NOT NULL CONSTRAINT fk_host__cluster_id REFERENCES cluster (id),
    status              nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    resource_state      nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    private_ip_address  nvarchar(450)    COLLATE Latin1_General_100_BIN2 NULL,
    version             nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    hypervisor_type     nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    hypervisor_version  nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    cpu_arch            nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    cpu_sockets         int              NULL,
    cpus                int              NOT NULL,
    speed               bigint           NOT NULL,
    ram                 bigint           NOT NULL,
    dom0_memory         bigint           NOT NULL,
    capabilities        nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    host_tags           nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    session             bigint           NOT NULL,
    report_sequence     bigint           NOT NULL,
    boot_id             nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    last_ping           datetime2        NULL,
    disconnected        datetime2        NULL,
    created             datetime2        NOT NULL,
    removed             datetime2        NULL,
    update_count        bigint           NOT NULL,
    declared_down       datetime2        NULL,
    fence_at            datetime2        NULL,
    bus_password_hash   nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    machine             nvarchar(450)    COLLATE Latin1_General_100_BIN2 NULL,
    machine_refused     datetime2        NULL,
    farewell_sequence   bigint           NULL,
    announced_cluster_id bigint           NULL
);
CREATE UNIQUE INDEX uc_host__uuid ON host (uuid);
-- A deleted host may come back as a new row.
CREATE UNIQUE INDEX uc_host__guid ON host (guid) WHERE removed IS NULL;
CREATE INDEX i_host__name ON host (name);
CREATE INDEX i_host__cluster_id ON host (cluster_id);
CREATE INDEX i_host__data_center_id ON host (data_center_id);
CREATE INDEX i_host__status__last_ping ON host (status, last_ping);
CREATE INDEX i_host__guid__session ON host (guid, session);
CREATE INDEX i_host__status__fence_at ON host (status, fence_at);
-- Hosts are listed by what their operators want of them.
CREATE INDEX i_host__resource_state__name ON host (resource_state, name);
CREATE UNIQUE INDEX uc_host__machine ON host (machine) WHERE machine IS NOT NULL;
CREATE INDEX i_host__private_ip_address ON host (private_ip_address);

-- What an offering can be matched with: the tags of a host and the devices that are allocatable on it, as canonical text,
-- named by a digest of both. Rows are only ever added; hosts point at the one that describes them now.
CREATE TABLE op_placement_class (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_op_placement_class PRIMARY KEY,
    digest              nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    host_tags           nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    pci_devices         nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL
);
CREATE UNIQUE INDEX uc_op_placement_class__digest ON op_placement_class (digest);

CREATE TABLE op_host_capacity (
    host_id             bigint           NOT NULL CONSTRAINT pk_op_host_capacity PRIMARY KEY,
    data_center_id      bigint           NOT NULL,
    pod_id              bigint           NOT NULL,
    cluster_id          bigint           NOT NULL,
    capacity_state      nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    cpu_total           bigint           NOT NULL,
    cpu_used            bigint           NOT NULL,
    cpu_free            AS (cpu_total - cpu_used) PERSISTED NOT NULL,
    ram_total           bigint           NOT NULL,
    ram_used            bigint           NOT NULL,
    ram_free            AS (ram_total - ram_used) PERSISTED NOT NULL,
    placement_class     nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    report_hash         nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    update_count        bigint           NOT NULL,
    CONSTRAINT fk_op_host_capacity__host_id FOREIGN KEY (host_id) REFERENCES host (id),
    CONSTRAINT fk_op_host_capacity__placement_class FOREIGN KEY (placement_class) REFERENCES op_placement_class (digest)
);
CREATE INDEX i_op_host_capacity__placement
    ON op_host_capacity (data_center_id, capacity_state, placement_class, cpu_free, ram_free);
CREATE INDEX i_op_host_capacity__placement_class ON op_host_capacity (placement_class);
CREATE INDEX i_op_host_capacity__cluster
    ON op_host_capacity (cluster_id, capacity_state, placement_class, cpu_free, ram_free);

CREATE TABLE op_host_capacity_vm (
    vm_id               bigint           NOT NULL,
    host_id             bigint           NOT NULL CONSTRAINT fk_op_host_capacity_vm__host_id REFERENCES host (id),
    cpu                 bigint           NOT NULL,
    ram                 bigint           NOT NULL,
    CONSTRAINT pk_op_host_capacity_vm PRIMARY KEY (vm_id, host_id)
);
CREATE INDEX i_op_host_capacity_vm__host_id ON op_host_capacity_vm (host_id);

CREATE TABLE op_host_pci_devices (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_op_host_pci_devices PRIMARY KEY,
    uuid                uniqueidentifier NOT NULL,
    host_id             bigint           NOT NULL CONSTRAINT fk_op_host_pci_devices__host_id REFERENCES host (id),
    name                nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    name_override       nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    reported_name       nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    domain              bigint           NOT NULL,
    bus                 int              NOT NULL,
    slot                int              NOT NULL,
    [function]          int              NOT NULL,
    address_text        nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    instance_id         bigint           NULL,
    claim               bigint           NOT NULL,
    claimed_name        nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    configured          bit              NOT NULL,
    present             bit              NOT NULL,
    health              nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    health_reason       nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    enabled             bit              NOT NULL,
    seen_in             uniqueidentifier NULL,
    seen_session        bigint           NOT NULL,
    seen_sequence       bigint           NOT NULL,
    vendor_id           nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    product_id          nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    class               nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    serial              nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    iommu_group         int              NULL,
    numa_node           int              NULL,
    driver              nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    physical_function   nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    created             datetime2        NOT NULL
);
CREATE UNIQUE INDEX uc_op_host_pci_devices__uuid ON op_host_pci_devices (uuid);
CREATE UNIQUE INDEX uc_op_host_pci_devices__address ON op_host_pci_devices (host_id, domain, bus, slot, [function]);
CREATE INDEX i_op_host_pci_devices__instance_id ON op_host_pci_devices (instance_id);
CREATE INDEX i_op_host_pci_devices__name ON op_host_pci_devices (name);

CREATE TABLE pci_device_history (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_pci_device_history PRIMARY KEY,
    device_id           bigint           NOT NULL,
    claim               bigint           NOT NULL,
    vm_id               bigint           NULL,
    host_id             bigint           NOT NULL,
    what                nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    why                 nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    job_id              bigint           NULL,
    created             datetime2        NOT NULL,
    address             nvarchar(450)    COLLATE Latin1_General_100_BIN2 NULL,
    name                nvarchar(450)    COLLATE Latin1_General_100_BIN2 NULL
);
CREATE INDEX i_pci_device_history__device_id ON pci_device_history (device_id);
CREATE INDEX i_pci_device_history__vm_id ON pci_device_history (vm_id);
CREATE INDEX i_pci_device_history__created ON pci_device_history (created);
CREATE INDEX i_pci_device_history__host_id ON pci_device_history (host_id);
CREATE INDEX i_pci_device_history__address ON pci_device_history (address);
CREATE INDEX i_pci_device_history__name ON pci_device_history (name);

CREATE TABLE service_offering (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_service_offering PRIMARY KEY,
    uuid                uniqueidentifier NOT NULL,
    name                nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    display_text        nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    state               nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    cpu                 int              NOT NULL,
    speed               int              NOT NULL,
    ram_size            int              NOT NULL,
    host_tags           nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    ha_enabled          bit              NOT NULL,
    pci_devices         nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    details             nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    domain_id           bigint           NULL CONSTRAINT fk_service_offering__domain_id REFERENCES domain (id),
    created             datetime2        NOT NULL,
    pci_migration       nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    detach_wait         int              NULL,
    migrate_wait        int              NULL
);
CREATE UNIQUE INDEX uc_service_offering__uuid ON service_offering (uuid);
CREATE INDEX i_service_offering__name ON service_offering (name);

CREATE TABLE vm_template (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_vm_template PRIMARY KEY,
    uuid                uniqueidentifier NOT NULL,
    name                nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    display_text        nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    url                 nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    format              nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    hypervisor_type     nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    account_id          bigint           NOT NULL CONSTRAINT fk_vm_template__account_id REFERENCES account (id),
    domain_id           bigint           NOT NULL CONSTRAINT fk_vm_template__domain_id REFERENCES domain (id),
    created             datetime2        NOT NULL,
    removed             datetime2        NULL
);
CREATE UNIQUE INDEX uc_vm_template__uuid ON vm_template (uuid);
CREATE INDEX i_vm_template__name ON vm_template (name);

CREATE TABLE vm_instance (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_vm_instance PRIMARY KEY,
    uuid                uniqueidentifier NOT NULL,
    name                nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    display_name        nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    instance_name       nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    state               nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    host_id             bigint           NULL CONSTRAINT fk_vm_instance__host_id REFERENCES host (id),
    last_host_id        bigint           NULL CONSTRAINT fk_vm_instance__last_host_id REFERENCES host (id),
    service_offering_id bigint           NOT NULL,
    vm_template_id      bigint           NOT NULL,
    data_center_id      bigint           NOT NULL,
    account_id          bigint           NOT NULL CONSTRAINT fk_vm_instance__account_id REFERENCES account (id),
    domain_id           bigint           NOT NULL CONSTRAINT fk_vm_instance__domain_id REFERENCES domain (id),
    user_id             bigint           NOT NULL CONSTRAINT fk_vm_instance__user_id REFERENCES [user] (id),
    workflow_id         bigint           NULL,
    command_number      bigint           NOT NULL,
    answer_host_id      bigint           NULL,
    answer_session      bigint           NOT NULL,
    answer_sequence     bigint           NOT NULL,
    update_count        bigint           NOT NULL,
    update_time         datetime2        NOT NULL,
    created             datetime2        NOT NULL,
    removed             datetime2        NULL,
    restart_at          datetime2        NULL,
    off_host_id         bigint           NULL,
    off_session         bigint           NOT NULL,
    off_sequence        bigint           NOT NULL,
    degraded_since      datetime2        NULL,
    degraded_why        nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    repair_at           datetime2        NULL,
    repair_tries        int              NOT NULL,
    wanted_pci_devices  nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    domain_status       nvarchar(64)     COLLATE Latin1_General_100_BIN2 NULL,
    CONSTRAINT fk_vm_instance__service_offering_id FOREIGN KEY (service_offering_id) REFERENCES service_offering (id),
    CONSTRAINT fk_vm_instance__vm_template_id FOREIGN KEY (vm_template_id) REFERENCES vm_template (id),
    CONSTRAINT fk_vm_instance__data_center_id FOREIGN KEY (data_center_id) REFERENCES data_center (id)
);
ALTER TABLE op_host_pci_devices ADD CONSTRAINT fk_op_host_pci_devices__instance_id FOREIGN KEY (instance_id) REFERENCES vm_instance (id);
CREATE UNIQUE INDEX uc_vm_instance__uuid ON vm_instance (uuid);
CREATE INDEX i_vm_instance__name ON vm_instance (name);
CREATE INDEX i_vm_instance__host_id ON vm_instance (host_id);
CREATE INDEX i_vm_instance__state ON vm_instance (state);
CREATE INDEX i_vm_instance__service_offering_id ON vm_instance (service_offering_id);
CREATE INDEX i_vm_instance__account_id ON vm_instance (account_id);
CREATE INDEX i_vm_instance__restart_at ON vm_instance (restart_at);
CREATE INDEX i_vm_instance__workflow_id ON vm_instance (workflow_id) WHERE workflow_id IS NOT NULL;
CREATE INDEX i_vm_instance__repair_at ON vm_instance (repair_at);
-- Virtual machines that run without all of their PCI devices are counted.
CREATE INDEX i_vm_instance__degraded_since ON vm_instance (degraded_since) WHERE degraded_since IS NOT NULL;

CREATE TABLE workflow (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_workflow PRIMARY KEY,
    kind                nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    vm_id               bigint           NOT NULL CONSTRAINT fk_workflow__vm_id REFERENCES vm_instance (id),
    job_id              bigint           NULL,
    waiting             bit              NOT NULL,
    step                nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    document            nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    deadline            datetime2        NULL,
    awaiting_host_id    bigint           NULL,
    awaiting_command_id uniqueidentifier NULL,
    awaiting_command    nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    version             bigint           NOT NULL,
    created             datetime2        NOT NULL
);
CREATE INDEX i_workflow__vm_id ON workflow (vm_id);
CREATE INDEX i_workflow__deadline ON workflow (deadline);
CREATE INDEX i_workflow__awaiting_command_id ON workflow (awaiting_command_id);
CREATE INDEX i_workflow__awaiting_host_id ON workflow (awaiting_host_id);

CREATE TABLE async_job (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_async_job PRIMARY KEY,
    uuid                uniqueidentifier NOT NULL,
    job_cmd             nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    user_id             bigint           NOT NULL CONSTRAINT fk_async_job__user_id REFERENCES [user] (id),
    account_id          bigint           NOT NULL CONSTRAINT fk_async_job__account_id REFERENCES account (id),
    domain_id           bigint           NOT NULL CONSTRAINT fk_async_job__domain_id REFERENCES domain (id),
    event_type          nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    instance_type       nvarchar(450)    COLLATE Latin1_General_100_BIN2 NULL,
    instance_id         bigint           NULL,
    job_status          nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    failure             nvarchar(64)     COLLATE Latin1_General_100_BIN2 NULL,
    job_result          nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    start_event         uniqueidentifier NULL,
    created             datetime2        NOT NULL,
    completed           datetime2        NULL
);
CREATE UNIQUE INDEX uc_async_job__uuid ON async_job (uuid);
CREATE INDEX i_async_job__instance ON async_job (instance_type, instance_id, job_status);
CREATE INDEX i_async_job__account_id ON async_job (account_id);
CREATE INDEX i_async_job__completed ON async_job (completed);

CREATE TABLE event (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_event PRIMARY KEY,
    uuid                uniqueidentifier NOT NULL,
    type                nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    level               nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    state               nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    description         nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    user_id             bigint           NOT NULL,
    account_id          bigint           NOT NULL,
    domain_id           bigint           NOT NULL,
    resource_type       nvarchar(450)    COLLATE Latin1_General_100_BIN2 NULL,
    resource_id         bigint           NULL,
    parent              uniqueidentifier NULL,
    created             datetime2        NOT NULL
);
CREATE UNIQUE INDEX uc_event__uuid ON event (uuid);
CREATE INDEX i_event__created ON event (created);
CREATE INDEX i_event__resource ON event (resource_type, resource_id);
CREATE INDEX i_event__type ON event (type);

CREATE TABLE alert (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_alert PRIMARY KEY,
    uuid                uniqueidentifier NOT NULL,
    type                nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    subject             nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    body                nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    host_id             bigint           NULL,
    vm_id               bigint           NULL,
    created             datetime2        NOT NULL,
    resolved            datetime2        NULL
);
CREATE UNIQUE INDEX uc_alert__uuid ON alert (uuid);
CREATE INDEX i_alert__host_id ON alert (host_id);
CREATE INDEX i_alert__created ON alert (created);
CREATE INDEX i_alert__resolved ON alert (resolved);

CREATE TABLE outbox_message (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_outbox_message PRIMARY KEY,
    destination         nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    message_type        nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    body                nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    lease_owner         nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    lease_until         datetime2        NOT NULL,
    created             datetime2        NOT NULL
);
CREATE INDEX i_outbox_message__lease_until ON outbox_message (lease_until);

-- Values about the whole system, each under its name.
CREATE TABLE configuration (
    name                nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT pk_configuration PRIMARY KEY,
    value               nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL
);

-- A row of each transaction that wrote something: whoever lost the connection at its commit looks for it here.
CREATE TABLE commit_marker (
    id                  uniqueidentifier NOT NULL CONSTRAINT pk_commit_marker PRIMARY KEY,
    created             datetime2        NOT NULL,
    lost                bit              NOT NULL
);
CREATE INDEX i_commit_marker__created ON commit_marker (created);

-- The last run of each reconciliation job, for all servers; and what these jobs look for.
CREATE TABLE reconciliation_job (
    name                nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT pk_reconciliation_job PRIMARY KEY,
    server              nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    last_start          datetime2        NOT NULL,
    last_end            datetime2        NULL,
    last_result         nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    failing             int              NOT NULL,
    runs                bigint           NOT NULL,
    failures            bigint           NOT NULL
);

-- How hosts get a user of their own on the broker: tokens of operators, each good for one host, and the hash of each host's
-- password, with which its user is made again on a broker that has lost it.
CREATE TABLE host_join_token (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_host_join_token PRIMARY KEY,
    uuid                uniqueidentifier NOT NULL,
    token_hash          nvarchar(450)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    cluster_id          bigint           NOT NULL CONSTRAINT fk_host_join_token__cluster_id REFERENCES cluster (id),
    host_id             bigint           NULL CONSTRAINT fk_host_join_token__host_id REFERENCES host (id),
    created             datetime2        NOT NULL,
    expires             datetime2        NOT NULL,
    used                datetime2        NULL,
    used_by             nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL
);
CREATE UNIQUE INDEX uc_host_join_token__uuid ON host_join_token (uuid);
CREATE UNIQUE INDEX uc_host_join_token__token_hash ON host_join_token (token_hash);
CREATE INDEX i_host_join_token__cluster_id ON host_join_token (cluster_id);
CREATE INDEX i_host_join_token__host_id ON host_join_token (host_id);
CREATE INDEX i_host_join_token__expires ON host_join_token (expires);

-- Virtual machines that a host was seen to run and that are not thought to be there: no other copy is started while one stands.
CREATE TABLE vm_sighting (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_vm_sighting PRIMARY KEY,
    vm_id               bigint           NOT NULL CONSTRAINT fk_vm_sighting__vm_id REFERENCES vm_instance (id),
    host_id             bigint           NOT NULL CONSTRAINT fk_vm_sighting__host_id REFERENCES host (id),
    session             bigint           NOT NULL,
    sequence            bigint           NOT NULL,
    created             datetime2        NOT NULL
);
CREATE UNIQUE INDEX uc_vm_sighting__vm_id__host_id ON vm_sighting (vm_id, host_id);
CREATE INDEX i_vm_sighting__host_id ON vm_sighting (host_id);

-- Management servers that run: how often each has written down which hosts it heard.
CREATE TABLE mshost (
    run_id              nvarchar(32)     COLLATE Latin1_General_100_BIN2 NOT NULL CONSTRAINT pk_mshost PRIMARY KEY,
    writings            bigint           NOT NULL,
    last_update         datetime2        NOT NULL,
    schema_script       nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL
);

-- The commands that a workflow waits for: it may wait for several hosts, with one command each.
CREATE TABLE workflow_command (
    id                  bigint           NOT NULL IDENTITY CONSTRAINT pk_workflow_command PRIMARY KEY,
    workflow_id         bigint           NOT NULL,
    host_id             bigint           NOT NULL,
    command_id          uniqueidentifier NOT NULL,
    command             nvarchar(max)    COLLATE Latin1_General_100_BIN2 NOT NULL,
    deadline            datetime2        NULL,
    progress            nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    CONSTRAINT fk_workflow_command__workflow_id FOREIGN KEY (workflow_id) REFERENCES workflow (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX uc_workflow_command__workflow_id__host_id ON workflow_command (workflow_id, host_id);
CREATE INDEX i_workflow_command__command_id ON workflow_command (command_id);
CREATE INDEX i_workflow_command__host_id ON workflow_command (host_id);
CREATE INDEX i_workflow_command__deadline ON workflow_command (deadline);

-- Hosts that are being emptied for maintenance, and what becomes of each virtual machine on them: the plan that is followed.
CREATE TABLE host_maintenance (
    host_id             bigint           NOT NULL CONSTRAINT pk_host_maintenance PRIMARY KEY,
    strategy            nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    job_id              bigint           NOT NULL,
    created             datetime2        NOT NULL,
    update_count        bigint           NOT NULL,
    CONSTRAINT fk_host_maintenance__host_id FOREIGN KEY (host_id) REFERENCES host (id)
);

CREATE TABLE host_maintenance_vm (
    host_id             bigint           NOT NULL CONSTRAINT fk_host_maintenance_vm__host_id REFERENCES host (id),
    vm_id               bigint           NOT NULL CONSTRAINT fk_host_maintenance_vm__vm_id REFERENCES vm_instance (id),
    outcome             nvarchar(64)     COLLATE Latin1_General_100_BIN2 NOT NULL,
    target_host_id      bigint           NULL,
    stops               bit              NOT NULL,
    begun               datetime2        NULL,
    attempts            int              NOT NULL,
    not_before          datetime2        NULL,
    why                 nvarchar(max)    COLLATE Latin1_General_100_BIN2 NULL,
    CONSTRAINT pk_host_maintenance_vm PRIMARY KEY (host_id, vm_id)
);
CREATE INDEX i_host_maintenance_vm__vm_id ON host_maintenance_vm (vm_id);

GO

-- The domain ROOT, with the account and the user admin.
SET IDENTITY_INSERT domain ON;
INSERT INTO domain (id, uuid, parent, name, path, created)
    VALUES (1, 'B4F1F1C0-6C1A-4C7B-9B0E-6B1D6A1B0001', NULL, N'ROOT', N'ROOT', '2026-01-01T00:00:00');
SET IDENTITY_INSERT domain OFF;
SET IDENTITY_INSERT account ON;
INSERT INTO account (id, uuid, account_name, type, domain_id, state, created)
    VALUES (1, 'B4F1F1C0-6C1A-4C7B-9B0E-6B1D6A1B0002', N'admin', N'Admin', 1, N'Enabled', '2026-01-01T00:00:00');
SET IDENTITY_INSERT account OFF;
SET IDENTITY_INSERT [user] ON;
INSERT INTO [user] (id, uuid, username, account_id, firstname, lastname, state, created)
    VALUES (1, 'B4F1F1C0-6C1A-4C7B-9B0E-6B1D6A1B0003', N'admin', 1, N'Admin', N'User', N'Enabled', '2026-01-01T00:00:00');
SET IDENTITY_INSERT [user] OFF;
