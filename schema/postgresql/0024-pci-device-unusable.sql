-- Why a host says that a device can be given to no virtual machine, e.g. because the host lives on it; null when it can.

ALTER TABLE op_host_pci_devices ADD COLUMN unusable text COLLATE "C" NULL;
