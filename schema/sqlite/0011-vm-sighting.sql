-- Virtual machines that a host was seen to run and that are not thought to be there: no other copy is started while one stands.

CREATE TABLE vm_sighting (
    id                  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    vm_id               INTEGER NOT NULL REFERENCES vm_instance (id),
    host_id             INTEGER NOT NULL REFERENCES host (id),
    session             INTEGER NOT NULL,
    sequence            INTEGER NOT NULL,
    created             TEXT    NOT NULL
);
CREATE UNIQUE INDEX uc_vm_sighting__vm_id__host_id ON vm_sighting (vm_id, host_id);
CREATE INDEX i_vm_sighting__host_id ON vm_sighting (host_id);
