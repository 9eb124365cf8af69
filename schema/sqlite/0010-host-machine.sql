-- A host is the row of one machine, whatever guid the machine announces itself with; and the time at which the machine was last
-- heard in an announcement that was refused.

ALTER TABLE host ADD COLUMN machine TEXT NULL;
ALTER TABLE host ADD COLUMN machine_refused TEXT NULL;
CREATE UNIQUE INDEX uc_host__machine ON host (machine) WHERE machine IS NOT NULL;
CREATE INDEX i_host__private_ip_address ON host (private_ip_address);
