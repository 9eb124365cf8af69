-- Which virtual machines run without PCI devices that their offerings say, when these are looked for again, and what operators
-- have detached and want to stay so.

ALTER TABLE vm_instance ADD COLUMN degraded_since timestamptz NULL;
ALTER TABLE vm_instance ADD COLUMN degraded_why text COLLATE "C" NULL;
ALTER TABLE vm_instance ADD COLUMN repair_at timestamptz NULL;
ALTER TABLE vm_instance ADD COLUMN repair_tries integer NOT NULL DEFAULT 0;
ALTER TABLE vm_instance ADD COLUMN detached_pci_devices text COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX i_vm_instance__repair_at ON vm_instance (repair_at);
