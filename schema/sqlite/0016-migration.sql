-- What an agent says of how far a command is that is waited for; how long migrations of an offering may take; the host that a virtual
-- machine was migrated away from, by its own word; and hosts by what they have free within a cluster.

ALTER TABLE workflow_command ADD COLUMN progress TEXT NULL;

ALTER TABLE service_offering ADD COLUMN detach_wait INTEGER NULL;
ALTER TABLE service_offering ADD COLUMN migrate_wait INTEGER NULL;

ALTER TABLE vm_instance ADD COLUMN off_host_id INTEGER NULL;
ALTER TABLE vm_instance ADD COLUMN off_session INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vm_instance ADD COLUMN off_sequence INTEGER NOT NULL DEFAULT 0;

CREATE INDEX i_op_host_capacity__cluster
    ON op_host_capacity (cluster_id, capacity_state, placement_class, cpu_free, ram_free);
