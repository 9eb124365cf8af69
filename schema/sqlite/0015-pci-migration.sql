-- Whether virtual machines of an offering are migrated live although they have PCI devices.

ALTER TABLE service_offering ADD COLUMN pci_migration TEXT NOT NULL DEFAULT 'Forbid';
