-- Whether virtual machines of an offering are migrated live although they have PCI devices.

ALTER TABLE service_offering ADD COLUMN pci_migration text COLLATE "C" NOT NULL DEFAULT 'Forbid';
