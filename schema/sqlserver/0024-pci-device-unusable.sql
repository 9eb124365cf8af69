-- Why a host says that a device can be given to no virtual machine, e.g. because the host lives on it; null when it can.

ALTER TABLE op_host_pci_devices ADD unusable nvarchar(max) COLLATE Latin1_General_100_BIN2 NULL;
