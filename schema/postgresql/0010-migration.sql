-- Whether and how virtual machines of an offering are migrated with their devices, and how long that may take; what the agent
-- that a workflow waits for has said of its progress; and hosts by what they have free, within a cluster.

ALTER TABLE service_offering ADD COLUMN pci_migration text COLLATE "C" NOT NULL DEFAULT 'Forbid';
ALTER TABLE service_offering ADD COLUMN detach_wait integer NULL;
ALTER TABLE service_offering ADD COLUMN migrate_wait integer NULL;
ALTER TABLE workflow ADD COLUMN progress text COLLATE "C" NULL;

CREATE INDEX i_op_host_capacity__cluster
    ON op_host_capacity (cluster_id, capacity_state, placement_class, cpu_free, ram_free);
