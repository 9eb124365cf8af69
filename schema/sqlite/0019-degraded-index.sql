-- Virtual machines that run without all of their PCI devices are counted.

CREATE INDEX i_vm_instance__degraded_since ON vm_instance (degraded_since) WHERE degraded_since IS NOT NULL;
