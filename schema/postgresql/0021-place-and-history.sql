-- The cluster that a host's agent names when management has the host in another one.

ALTER TABLE host ADD COLUMN announced_cluster_id bigint NULL;
