-- What the domain of a running virtual machine does, when that is not to run: it is paused, or its guest has crashed.

ALTER TABLE vm_instance ADD COLUMN domain_status text COLLATE "C" NULL;
