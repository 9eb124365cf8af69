-- Which virtual machines run without PCI devices that their offerings say, when these are looked for again, and what operators
-- have detached and want to stay so.

ALTER TABLE vm_instance ADD COLUMN degraded_since TEXT NULL;
ALTER TABLE vm_instance ADD COLUMN degraded_why TEXT NULL;
ALTER TABLE vm_instance ADD COLUMN repair_at TEXT NULL;
ALTER TABLE vm_instance ADD COLUMN repair_tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vm_instance ADD COLUMN detached_pci_devices TEXT NOT NULL DEFAULT '';
CREATE INDEX i_vm_instance__repair_at ON vm_instance (repair_at);
