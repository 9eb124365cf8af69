-- What a device's history says of the device when the device is gone, or has another name. Lines of before say nothing: for them
-- what the device has now is shown.

ALTER TABLE pci_device_history ADD COLUMN address text COLLATE "C" NULL;
ALTER TABLE pci_device_history ADD COLUMN name text COLLATE "C" NULL;
CREATE INDEX i_pci_device_history__host_id ON pci_device_history (host_id);
CREATE INDEX i_pci_device_history__address ON pci_device_history (address);
CREATE INDEX i_pci_device_history__name ON pci_device_history (name);
