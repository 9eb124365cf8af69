-- Which PCI devices a virtual machine should have when some were attached or detached by hand, which run without all that they
-- should have, and when what they lack is looked for again.

ALTER TABLE vm_instance ADD COLUMN degraded_since timestamptz NULL;
ALTER TABLE vm_instance ADD COLUMN degraded_why text COLLATE "C" NULL;
ALTER TABLE vm_instance ADD COLUMN repair_at timestamptz NULL;
ALTER TABLE vm_instance ADD COLUMN repair_tries integer NOT NULL DEFAULT 0;
ALTER TABLE vm_instance ADD COLUMN wanted_pci_devices text COLLATE "C" NULL;
CREATE INDEX i_vm_instance__repair_at ON vm_instance (repair_at);
