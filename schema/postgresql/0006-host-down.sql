-- A host that was declared down keeps that until it is Up again; a highly available virtual machine that was there, when it is
-- to be started again.

ALTER TABLE host ADD COLUMN declared_down timestamptz NULL;
ALTER TABLE vm_instance ADD COLUMN restart_at timestamptz NULL;
CREATE INDEX i_vm_instance__restart_at ON vm_instance (restart_at);
