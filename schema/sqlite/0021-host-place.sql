-- The cluster that a host's agent names when management has the host in another one; which schema the program of a server knows; and
-- indexes for what is looked for before it is deleted.

ALTER TABLE host ADD COLUMN announced_cluster_id INTEGER NULL;
ALTER TABLE mshost ADD COLUMN schema_script TEXT NULL;
CREATE INDEX i_op_host_capacity__placement_class ON op_host_capacity (placement_class);
CREATE INDEX i_host_join_token__expires ON host_join_token (expires);
