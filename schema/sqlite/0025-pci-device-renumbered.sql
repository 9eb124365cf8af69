-- The address under which pci.devices still names a device that is at another one since its host rebooted; null when that is its own.

ALTER TABLE op_host_pci_devices ADD COLUMN configured_address TEXT NULL;
