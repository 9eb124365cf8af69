-- The cluster that a host's agent names when management has the host in another one; and what a device's history says of the device
-- when the device is gone, or has another name.

ALTER TABLE host ADD COLUMN announced_cluster_id bigint NULL;
ALTER TABLE pci_device_history ADD COLUMN address text COLLATE "C" NULL;
ALTER TABLE pci_device_history ADD COLUMN name text COLLATE "C" NULL;
UPDATE pci_device_history SET
    address = (SELECT d.address_text FROM op_host_pci_devices d WHERE d.id = pci_device_history.device_id),
    name = (SELECT d.name FROM op_host_pci_devices d WHERE d.id = pci_device_history.device_id);
CREATE INDEX i_pci_device_history__host_id ON pci_device_history (host_id);
CREATE INDEX i_pci_device_history__address ON pci_device_history (address);
CREATE INDEX i_pci_device_history__name ON pci_device_history (name);
