-- Whether a virtual machine was Running once; null when it was made before this was noted: then it may have been if it has had a command.

ALTER TABLE vm_instance ADD COLUMN has_run INTEGER NULL;
