-- Which PCI devices a virtual machine should have when some were attached or detached by hand, which run without all that they
-- should have, and when what they lack is looked for again.

ALTER TABLE vm_instance ADD COLUMN degraded_since TEXT NULL;
ALTER TABLE vm_instance ADD COLUMN degraded_why TEXT NULL;
ALTER TABLE vm_instance ADD COLUMN repair_at TEXT NULL;
ALTER TABLE vm_instance ADD COLUMN repair_tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vm_instance ADD COLUMN wanted_pci_devices TEXT NULL;
CREATE INDEX i_vm_instance__repair_at ON vm_instance (repair_at);
