BEGIN TRANSACTION;
CREATE TABLE [SchemaVersions] (
    SchemaVersionID INTEGER CONSTRAINT [PK_SchemaVersions_Id] PRIMARY KEY AUTOINCREMENT NOT NULL,
    ScriptName TEXT NOT NULL,
    Applied DATETIME NOT NULL
);
INSERT INTO "SchemaVersions" VALUES(1,'0001-pcibus.sql','2026-11-23 06:09:30.5026933');
CREATE TABLE account (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    account_name        TEXT    NOT NULL,
    type                TEXT    NOT NULL,
    domain_id           INTEGER NOT NULL REFERENCES domain (id),
    state               TEXT    NOT NULL,
    created             TEXT    NOT NULL,
    removed             TEXT    NULL
);
INSERT INTO "account" VALUES(1,'B4F1F1C0-6C1A-4C7B-9B0E-6B1D6A1B0002','admin','Admin',1,'Enabled','2026-01-01 00:00:00',NULL);
CREATE TABLE alert (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    type                TEXT    NOT NULL,
    subject             TEXT    NOT NULL,
    body                TEXT    NOT NULL,
    host_id             INTEGER NULL,
    vm_id               INTEGER NULL,
    created             TEXT    NOT NULL,
    resolved            TEXT    NULL
);
CREATE TABLE async_job (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    job_cmd             TEXT    NOT NULL,
    user_id             INTEGER NOT NULL REFERENCES user (id),
    account_id          INTEGER NOT NULL REFERENCES account (id),
    domain_id           INTEGER NOT NULL REFERENCES domain (id),
    event_type          TEXT    NOT NULL,
    instance_type       TEXT    NULL,
    instance_id         INTEGER NULL,
    job_status          TEXT    NOT NULL,
    failure             TEXT    NULL,
    job_result          TEXT    NULL,
    start_event         TEXT    NULL,
    created             TEXT    NOT NULL,
    completed           TEXT    NULL
);
INSERT INTO "async_job" VALUES(1,'61D8BB87-1E8D-45A6-84B9-16CF00E4864C','deployVirtualMachine',1,1,1,'VM.CREATE','VirtualMachine',1,'Succeeded',NULL,NULL,'352D8DE1-6D23-41C7-B3B7-2A2B7539F84D','2026-11-23 06:09:37.2489293','2026-11-23 06:09:38.6879179');
INSERT INTO "async_job" VALUES(2,'E6C4ACEA-DA2F-475A-BDA8-943ED52484F4','deployVirtualMachine',1,1,1,'VM.CREATE','VirtualMachine',2,'Succeeded',NULL,NULL,'78D9C5DE-7739-49F8-94F5-D6C399163FB0','2026-11-23 06:09:37.8496872','2026-11-23 06:09:38.7699047');
INSERT INTO "async_job" VALUES(3,'BFDFBFEE-4946-4A70-8A81-D35082320981','stopVirtualMachine',1,1,1,'VM.STOP','VirtualMachine',2,'Succeeded',NULL,NULL,'A9A1A29C-3CD9-46CB-955D-26B3888C0F8F','2026-11-23 06:09:39.3745779','2026-11-23 06:09:40.1491802');
CREATE TABLE cluster (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    pod_id              INTEGER NOT NULL REFERENCES host_pod_ref (id),
    data_center_id      INTEGER NOT NULL REFERENCES data_center (id),
    hypervisor_type     TEXT    NOT NULL,
    allocation_state    TEXT    NOT NULL,
    created             TEXT    NOT NULL
);
INSERT INTO "cluster" VALUES(1,'43C9D292-4585-421E-93F1-106115483E84','cluster1',1,1,'KVM','Enabled','2026-11-23 06:09:35.1003147');
CREATE TABLE data_center (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    allocation_state    TEXT    NOT NULL,
    created             TEXT    NOT NULL
);
INSERT INTO "data_center" VALUES(1,'958D9DBB-BFA3-4C25-8439-BD3F61DDC246','zone1','Enabled','2026-11-23 06:09:35.1003147');
CREATE TABLE domain (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    parent              INTEGER NULL REFERENCES domain (id),
    name                TEXT    NOT NULL,
    path                TEXT    NOT NULL,
    created             TEXT    NOT NULL
);
INSERT INTO "domain" VALUES(1,'B4F1F1C0-6C1A-4C7B-9B0E-6B1D6A1B0001',NULL,'ROOT','ROOT','2026-01-01 00:00:00');
CREATE TABLE event (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    type                TEXT    NOT NULL,
    level               TEXT    NOT NULL,
    state               TEXT    NOT NULL,
    description         TEXT    NOT NULL,
    user_id             INTEGER NOT NULL,
    account_id          INTEGER NOT NULL,
    domain_id           INTEGER NOT NULL,
    resource_type       TEXT    NULL,
    resource_id         INTEGER NULL,
    parent              TEXT    NULL,
    created             TEXT    NOT NULL
);
INSERT INTO "event" VALUES(1,'FB414B2E-EBD6-4F89-8930-CD3BA28BB2DA','HOST.ADD','INFO','Completed','host kvm1 announced itself',1,1,1,'Host',1,NULL,'2026-11-23 06:09:35.3625628');
INSERT INTO "event" VALUES(2,'7CA31B77-698B-4466-A6CB-7B0C55E5717B','HOST.ADD','INFO','Completed','host kvm2 announced itself',1,1,1,'Host',2,NULL,'2026-11-23 06:09:36.2479666');
INSERT INTO "event" VALUES(3,'423DE76E-312C-4FA7-BB4A-07E7FCE1C4BF','HOST.ADD','INFO','Completed','host kvm3 announced itself',1,1,1,'Host',3,NULL,'2026-11-23 06:09:36.2977921');
INSERT INTO "event" VALUES(4,'E835CCDF-B680-438A-B40F-E68D7EA10235','TEMPLATE.CREATE','INFO','Completed','template debian was registered',1,1,1,'Template',1,NULL,'2026-11-23 06:09:36.9104424');
INSERT INTO "event" VALUES(5,'81261E11-75D9-471D-89E8-034F393F7B0D','SERVICE.OFFERING.CREATE','INFO','Completed','service offering two-nics was created',1,1,1,'ServiceOffering',1,NULL,'2026-11-23 06:09:37.029051');
INSERT INTO "event" VALUES(6,'352D8DE1-6D23-41C7-B3B7-2A2B7539F84D','VM.CREATE','INFO','Started','creating VM web1: started',1,1,1,'VirtualMachine',1,NULL,'2026-11-23 06:09:37.2489606');
INSERT INTO "event" VALUES(7,'78D9C5DE-7739-49F8-94F5-D6C399163FB0','VM.CREATE','INFO','Started','creating VM web2: started',1,1,1,'VirtualMachine',2,NULL,'2026-11-23 06:09:37.8496891');
INSERT INTO "event" VALUES(8,'768FFDC8-048D-4B1A-BF80-3CB6E91653F4','VM.CREATE','INFO','Completed','completed',1,1,1,'VirtualMachine',1,'352D8DE1-6D23-41C7-B3B7-2A2B7539F84D','2026-11-23 06:09:38.6962323');
INSERT INTO "event" VALUES(9,'EF047CC9-F99E-486D-A2C8-4593F36B0410','VM.CREATE','INFO','Completed','completed',1,1,1,'VirtualMachine',2,'78D9C5DE-7739-49F8-94F5-D6C399163FB0','2026-11-23 06:09:38.7699175');
INSERT INTO "event" VALUES(10,'A9A1A29C-3CD9-46CB-955D-26B3888C0F8F','VM.STOP','INFO','Started','stopping VM web2: started',1,1,1,'VirtualMachine',2,NULL,'2026-11-23 06:09:39.3745801');
INSERT INTO "event" VALUES(11,'445B32F3-4498-42DC-8F96-E9B13D432426','VM.STOP','INFO','Completed','completed',1,1,1,'VirtualMachine',2,'A9A1A29C-3CD9-46CB-955D-26B3888C0F8F','2026-11-23 06:09:40.1491949');
CREATE TABLE host (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    guid                TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    data_center_id      INTEGER NOT NULL REFERENCES data_center (id),
    pod_id              INTEGER NOT NULL REFERENCES host_pod_ref (id),
    cluster_id          INTEGER NOT NULL REFERENCES cluster (id),
    status              TEXT    NOT NULL,
    resource_state      TEXT    NOT NULL,
    private_ip_address  TEXT    NULL,
    version             TEXT    NOT NULL,
    hypervisor_type     TEXT    NOT NULL,
    hypervisor_version  TEXT    NULL,
    cpu_arch            TEXT    NOT NULL,
    cpu_sockets         INTEGER NULL,
    cpus                INTEGER NOT NULL,
    speed               INTEGER NOT NULL,
    ram                 INTEGER NOT NULL,
    dom0_memory         INTEGER NOT NULL,
    capabilities        TEXT    NULL,
    host_tags           TEXT    NOT NULL,
    session             INTEGER NOT NULL,
    report_sequence     INTEGER NOT NULL,
    boot_id             TEXT    NOT NULL,
    last_ping           TEXT    NULL,
    disconnected        TEXT    NULL,
    created             TEXT    NOT NULL,
    removed             TEXT    NULL,
    update_count        INTEGER NOT NULL
);
INSERT INTO "host" VALUES(1,'323DDBEB-7B26-4DB0-952D-C80486622AE1','b0a1c6de-6f0e-4d1c-9c55-000000000001','kvm1',1,1,1,'Up','Enabled','10.0.0.11','0.1.0+86ee15f17ae927b6cedb1964edd2bcf88c29053f','KVM','simulated','x86_64',NULL,32,2400,137438953472,0,'hvm','',2,1,'boot-1-b0a1c6de-6f0e-4d1c-9c55-000000000001','2026-11-23 06:09:36.6255112',NULL,'2026-11-23 06:09:35.1003147',NULL,6);
INSERT INTO "host" VALUES(2,'81B0E100-EA67-4C1B-9A0B-C55E62D68832','b0a1c6de-6f0e-4d1c-9c55-000000000002','kvm2',1,1,1,'Up','Enabled','10.0.0.12','0.1.0+86ee15f17ae927b6cedb1964edd2bcf88c29053f','KVM','simulated','x86_64',NULL,32,2400,137438953472,0,'hvm','gpu',2,1,'boot-1-b0a1c6de-6f0e-4d1c-9c55-000000000002','2026-11-23 06:09:36.6255112',NULL,'2026-11-23 06:09:36.2318217',NULL,6);
INSERT INTO "host" VALUES(3,'66EFBA55-767C-4A46-81A7-E686D92D01F0','b0a1c6de-6f0e-4d1c-9c55-000000000003','kvm3',1,1,1,'Up','Enabled','10.0.0.13','0.1.0+86ee15f17ae927b6cedb1964edd2bcf88c29053f','KVM','simulated','x86_64',NULL,32,2400,137438953472,0,'hvm','',2,1,'boot-1-b0a1c6de-6f0e-4d1c-9c55-000000000003','2026-11-23 06:09:36.6255112',NULL,'2026-11-23 06:09:36.2900385',NULL,6);
CREATE TABLE host_pod_ref (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    data_center_id      INTEGER NOT NULL REFERENCES data_center (id),
    allocation_state    TEXT    NOT NULL,
    created             TEXT    NOT NULL
);
INSERT INTO "host_pod_ref" VALUES(1,'F2FC0871-6B16-46FF-B198-BDEFEC6C6E68','pod1',1,'Enabled','2026-11-23 06:09:35.1003147');
CREATE TABLE op_host_capacity (
    host_id             INTEGER NOT NULL PRIMARY KEY REFERENCES host (id),
    data_center_id      INTEGER NOT NULL,
    pod_id              INTEGER NOT NULL,
    cluster_id          INTEGER NOT NULL,
    capacity_state      TEXT    NOT NULL,
    cpu_total           INTEGER NOT NULL,
    cpu_used            INTEGER NOT NULL,
    cpu_free            INTEGER NOT NULL GENERATED ALWAYS AS (cpu_total - cpu_used) STORED,
    ram_total           INTEGER NOT NULL,
    ram_used            INTEGER NOT NULL,
    ram_free            INTEGER NOT NULL GENERATED ALWAYS AS (ram_total - ram_used) STORED,
    placement_class     TEXT    NOT NULL REFERENCES op_placement_class (digest),
    report_hash         TEXT    NULL,
    update_count        INTEGER NOT NULL
);
INSERT INTO "op_host_capacity" VALUES(1,1,1,1,'Enabled',76800,0,137438953472,0,'a8d93920637edeaf93c22ab6045c9636','b2bdaf1b6d3734d7068d968aaa1546d9814605cc3571ddde4319db709639f4be',6);
INSERT INTO "op_host_capacity" VALUES(2,1,1,1,'Enabled',76800,2000,137438953472,2147483648,'5d29d09615f8482bbe0a7e78102080e3',NULL,12);
INSERT INTO "op_host_capacity" VALUES(3,1,1,1,'Enabled',76800,0,137438953472,0,'01ba4719c80b6fe911b091a7c05124b6','9b98684b4f70d496fa07a47d928ea0df3c64a5ccfeb9a18bef235b34d88f4d97',6);
CREATE TABLE op_host_capacity_vm (
    vm_id               INTEGER NOT NULL,
    host_id             INTEGER NOT NULL REFERENCES host (id),
    cpu                 INTEGER NOT NULL,
    ram                 INTEGER NOT NULL,
    PRIMARY KEY (vm_id, host_id)
) WITHOUT ROWID;
INSERT INTO "op_host_capacity_vm" VALUES(1,2,2000,2147483648);
CREATE TABLE op_host_pci_devices (
    id                  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    uuid                TEXT    NOT NULL,
    host_id             INTEGER NOT NULL REFERENCES host (id),
    name                TEXT    NOT NULL,
    name_override       TEXT    NULL,
    reported_name       TEXT    NOT NULL,
    domain              INTEGER NOT NULL,
    bus                 INTEGER NOT NULL,
    slot                INTEGER NOT NULL,
    function            INTEGER NOT NULL,
    address_text        TEXT    NOT NULL,
    instance_id         INTEGER NULL REFERENCES vm_instance (id),
    claim               INTEGER NOT NULL,
    claimed_name        TEXT    NULL,
    configured          INTEGER NOT NULL,
    present             INTEGER NOT NULL,
    health              TEXT    NOT NULL,
    health_reason       TEXT    NULL,
    enabled             INTEGER NOT NULL,
    seen_in             TEXT    NULL,
    seen_session        INTEGER NOT NULL,
    seen_sequence       INTEGER NOT NULL,
    vendor_id           TEXT    NULL,
    product_id          TEXT    NULL,
    class               TEXT    NULL,
    serial              TEXT    NULL,
    iommu_group         INTEGER NULL,
    numa_node           INTEGER NULL,
    driver              TEXT    NULL,
    physical_function   TEXT    NULL,
    created             TEXT    NOT NULL
);
INSERT INTO "op_host_pci_devices" VALUES(1,'3F742260-60C3-477C-916D-9DFB9CC8E170',1,'10GE',NULL,'10GE',0,40,0,1,'0000:28:00.1',NULL,0,NULL,1,1,'Good',NULL,1,NULL,1,1,'8086','d176','020000','SIM-b0a1c6de-6f0e-4d1c-9c55-000000000001-0000:28:00.1',10241,0,'vfio-pci',NULL,'2026-11-23 06:09:35.6563811');
INSERT INTO "op_host_pci_devices" VALUES(2,'9597ECD4-9682-4265-8224-9F434B36AEF8',1,'10GE',NULL,'10GE',0,40,0,2,'0000:28:00.2',NULL,0,NULL,1,1,'Good',NULL,1,NULL,1,1,'8086','d176','020000','SIM-b0a1c6de-6f0e-4d1c-9c55-000000000001-0000:28:00.2',10242,0,'vfio-pci',NULL,'2026-11-23 06:09:35.8217722');
INSERT INTO "op_host_pci_devices" VALUES(3,'A7F04570-3DDF-4D53-8AD2-E5C26F9261A0',1,'10GE',NULL,'10GE',0,40,0,3,'0000:28:00.3',NULL,0,NULL,1,1,'Good',NULL,1,NULL,1,1,'8086','d176','020000','SIM-b0a1c6de-6f0e-4d1c-9c55-000000000001-0000:28:00.3',10243,0,'vfio-pci',NULL,'2026-11-23 06:09:35.8461865');
INSERT INTO "op_host_pci_devices" VALUES(4,'52A4E650-1975-4CBA-B3B9-EA745E6AB982',1,'10GE',NULL,'10GE',0,40,0,4,'0000:28:00.4',NULL,0,NULL,1,1,'Good',NULL,1,NULL,1,1,'8086','d176','020000','SIM-b0a1c6de-6f0e-4d1c-9c55-000000000001-0000:28:00.4',10244,0,'vfio-pci',NULL,'2026-11-23 06:09:35.8472857');
INSERT INTO "op_host_pci_devices" VALUES(5,'47E49963-1EAE-4714-9212-CD70106E0C21',1,'10GE',NULL,'10GE',0,40,0,5,'0000:28:00.5',NULL,0,NULL,1,1,'Good',NULL,1,NULL,1,1,'8086','d176','020000','SIM-b0a1c6de-6f0e-4d1c-9c55-000000000001-0000:28:00.5',10245,0,'vfio-pci',NULL,'2026-11-23 06:09:35.8481297');
INSERT INTO "op_host_pci_devices" VALUES(6,'7B07E387-A854-493F-8DB7-F3F14AE6BA0F',1,'10GE',NULL,'10GE',0,40,0,6,'0000:28:00.6',NULL,0,NULL,1,1,'Good',NULL,1,NULL,1,1,'8086','d176','020000','SIM-b0a1c6de-6f0e-4d1c-9c55-000000000001-0000:28:00.6',10246,0,'vfio-pci',NULL,'2026-11-23 06:09:35.84886');
INSERT INTO "op_host_pci_devices" VALUES(7,'9F161812-6D21-4395-A87D-D5AA8BC9BBF0',1,'10GE',NULL,'10GE',0,40,0,7,'0000:28:00.7',NULL,0,NULL,1,1,'Good',NULL,1,NULL,1,1,'8086','d176','020000','SIM-b0a1c6de-6f0e-4d1c-9c55-000000000001-0000:28:00.7',10247,0,'vfio-pci',NULL,'2026-11-23 06:09:35.8496038');
INSERT INTO "op_host_pci_devices" VALUES(8,'52637D8F-E6BA-4354-95CA-025EAD5E6A7D',1,'10GE',NULL,'10GE',0,40,1,0,'0000:28:01.0',NULL,0,NULL,1,1,'Good',NULL,1,NULL,1,1,'8086','d176','020000','SIM-b0a1c6de-6f0e-4d1c-9c55-000000000001-0000:28:01.0',10248,0,'vfio-pci',NULL,'2026-11-23 06:09:35.8502507');
INSERT INTO "op_host_pci_devices" VALUES(9,'3FC4FD46-9168-47C3-9E2D-8A1098C2DA35',2,'GPU-A',NULL,'GPU-A',0,59,0,0,'0000:3b:00.0',NULL,0,NULL,1,1,'Good',NULL,1,NULL,1,1,'8086','bb3a','030000','SIM-b0a1c6de-6f0e-4d1c-9c55-000000000002-0000:3b:00.0',15104,0,'vfio-pci',NULL,'2026-11-23 06:09:36.2502094');
INSERT INTO "op_host_pci_devices" VALUES(10,'54132FD7-BFD0-44A8-9E7C-610227015C32',2,'GPU-A',NULL,'GPU-A',0,175,0,0,'0000:af:00.0',NULL,0,NULL,1,1,'Good',NULL,1,NULL,1,1,'8086','bb3a','030000','SIM-b0a1c6de-6f0e-4d1c-9c55-000000000002-0000:af:00.0',44800,0,'vfio-pci',NULL,'2026-11-23 06:09:36.2512045');
INSERT INTO "op_host_pci_devices" VALUES(11,'B88DC0F9-E9F2-4757-9459-AA8B133915E5',2,'10GE',NULL,'10GE',0,94,0,0,'0000:5e:00.0',1,1,'10GE',1,1,'Good',NULL,1,NULL,1,1,'8086','d176','020000','SIM-b0a1c6de-6f0e-4d1c-9c55-000000000002-0000:5e:00.0',24064,0,'vfio-pci',NULL,'2026-11-23 06:09:36.2518642');
INSERT INTO "op_host_pci_devices" VALUES(12,'3E1CFB2D-F325-4953-94E0-169869B81BD8',2,'10GE',NULL,'10GE',0,94,0,1,'0000:5e:00.1',1,1,'10GE',1,1,'Good',NULL,1,NULL,1,1,'8086','d176','020000','SIM-b0a1c6de-6f0e-4d1c-9c55-000000000002-0000:5e:00.1',24065,0,'vfio-pci',NULL,'2026-11-23 06:09:36.2571628');
INSERT INTO "op_host_pci_devices" VALUES(13,'DBC29213-5279-42EE-BB6C-A86ED9A42F56',2,'10GE',NULL,'10GE',0,94,0,2,'0000:5e:00.2',NULL,2,NULL,1,1,'Good',NULL,1,NULL,2,6,'8086','d176','020000','SIM-b0a1c6de-6f0e-4d1c-9c55-000000000002-0000:5e:00.2',24066,0,'vfio-pci',NULL,'2026-11-23 06:09:36.2579883');
INSERT INTO "op_host_pci_devices" VALUES(14,'DD306C1A-6B4E-4383-9549-674698BC59D6',2,'10GE',NULL,'10GE',0,94,0,3,'0000:5e:00.3',NULL,2,NULL,1,1,'Good',NULL,1,NULL,2,6,'8086','d176','020000','SIM-b0a1c6de-6f0e-4d1c-9c55-000000000002-0000:5e:00.3',24067,0,'vfio-pci',NULL,'2026-11-23 06:09:36.2587741');
CREATE TABLE op_placement_class (
    id                  INTEGER NOT NULL PRIMARY KEY,
    digest              TEXT    NOT NULL,
    host_tags           TEXT    NOT NULL,
    pci_devices         TEXT    NOT NULL
);
INSERT INTO "op_placement_class" VALUES(1,'01ba4719c80b6fe911b091a7c05124b6','','');
INSERT INTO "op_placement_class" VALUES(2,'a8d93920637edeaf93c22ab6045c9636','','10GE|8');
INSERT INTO "op_placement_class" VALUES(3,'0df8671c10adfb767af0396e0882ede7','gpu','10GE|4,GPU-A|2');
INSERT INTO "op_placement_class" VALUES(4,'5d29d09615f8482bbe0a7e78102080e3','gpu','10GE|2,GPU-A|2');
INSERT INTO "op_placement_class" VALUES(5,'cb441f034bfcbb11501e8cabe932f37b','gpu','GPU-A|2');
CREATE TABLE outbox_message (
    id                  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    destination         TEXT    NOT NULL,
    message_type        TEXT    NOT NULL,
    body                TEXT    NOT NULL,
    lease_owner         TEXT    NOT NULL,
    lease_until         TEXT    NOT NULL,
    created             TEXT    NOT NULL
);
CREATE TABLE pci_device_history (
    id                  INTEGER NOT NULL PRIMARY KEY,
    device_id           INTEGER NOT NULL,
    claim               INTEGER NOT NULL,
    vm_id               INTEGER NULL,
    host_id             INTEGER NOT NULL,
    what                TEXT    NOT NULL,
    why                 TEXT    NOT NULL,
    job_id              INTEGER NULL,
    created             TEXT    NOT NULL
);
INSERT INTO "pci_device_history" VALUES(1,1,0,NULL,1,'Discovered','reported as 10GE',NULL,'2026-11-23 06:09:35.6557947');
INSERT INTO "pci_device_history" VALUES(2,2,0,NULL,1,'Discovered','reported as 10GE',NULL,'2026-11-23 06:09:35.8217611');
INSERT INTO "pci_device_history" VALUES(3,3,0,NULL,1,'Discovered','reported as 10GE',NULL,'2026-11-23 06:09:35.8461782');
INSERT INTO "pci_device_history" VALUES(4,4,0,NULL,1,'Discovered','reported as 10GE',NULL,'2026-11-23 06:09:35.8472804');
INSERT INTO "pci_device_history" VALUES(5,5,0,NULL,1,'Discovered','reported as 10GE',NULL,'2026-11-23 06:09:35.8481256');
INSERT INTO "pci_device_history" VALUES(6,6,0,NULL,1,'Discovered','reported as 10GE',NULL,'2026-11-23 06:09:35.8488567');
INSERT INTO "pci_device_history" VALUES(7,7,0,NULL,1,'Discovered','reported as 10GE',NULL,'2026-11-23 06:09:35.8496004');
INSERT INTO "pci_device_history" VALUES(8,8,0,NULL,1,'Discovered','reported as 10GE',NULL,'2026-11-23 06:09:35.8502473');
INSERT INTO "pci_device_history" VALUES(9,9,0,NULL,2,'Discovered','reported as GPU-A',NULL,'2026-11-23 06:09:36.2502038');
INSERT INTO "pci_device_history" VALUES(10,10,0,NULL,2,'Discovered','reported as GPU-A',NULL,'2026-11-23 06:09:36.2512002');
INSERT INTO "pci_device_history" VALUES(11,11,0,NULL,2,'Discovered','reported as 10GE',NULL,'2026-11-23 06:09:36.2518605');
INSERT INTO "pci_device_history" VALUES(12,12,0,NULL,2,'Discovered','reported as 10GE',NULL,'2026-11-23 06:09:36.2571546');
INSERT INTO "pci_device_history" VALUES(13,13,0,NULL,2,'Discovered','reported as 10GE',NULL,'2026-11-23 06:09:36.2579838');
INSERT INTO "pci_device_history" VALUES(14,14,0,NULL,2,'Discovered','reported as 10GE',NULL,'2026-11-23 06:09:36.2587702');
INSERT INTO "pci_device_history" VALUES(15,11,1,1,2,'Claimed','start',1,'2026-11-23 06:09:37.7420191');
INSERT INTO "pci_device_history" VALUES(16,12,1,1,2,'Claimed','start',1,'2026-11-23 06:09:37.7429695');
INSERT INTO "pci_device_history" VALUES(17,13,1,2,2,'Claimed','start',2,'2026-11-23 06:09:37.8678172');
INSERT INTO "pci_device_history" VALUES(18,14,1,2,2,'Claimed','start',2,'2026-11-23 06:09:37.8680049');
INSERT INTO "pci_device_history" VALUES(19,13,1,2,2,'Released','stopped',3,'2026-11-23 06:09:40.1254422');
INSERT INTO "pci_device_history" VALUES(20,14,1,2,2,'Released','stopped',3,'2026-11-23 06:09:40.12692');
CREATE TABLE service_offering (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    display_text        TEXT    NOT NULL,
    state               TEXT    NOT NULL,
    cpu                 INTEGER NOT NULL,
    speed               INTEGER NOT NULL,
    ram_size            INTEGER NOT NULL,
    host_tags           TEXT    NOT NULL,
    ha_enabled          INTEGER NOT NULL,
    pci_devices         TEXT    NOT NULL,
    details             TEXT    NOT NULL,
    domain_id           INTEGER NULL REFERENCES domain (id),
    created             TEXT    NOT NULL
);
INSERT INTO "service_offering" VALUES(1,'4C8BD7EF-4A7E-4C98-9B1D-8599BD15DEA7','two-nics','Two NICs','Active',2,1000,2048,'',0,'10GE,10GE','{}',NULL,'2026-11-23 06:09:36.9810866');
CREATE TABLE user (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    username            TEXT    NOT NULL,
    account_id          INTEGER NOT NULL REFERENCES account (id),
    firstname           TEXT    NOT NULL,
    lastname            TEXT    NOT NULL,
    email               TEXT    NULL,
    state               TEXT    NOT NULL,
    created             TEXT    NOT NULL,
    removed             TEXT    NULL
);
INSERT INTO "user" VALUES(1,'B4F1F1C0-6C1A-4C7B-9B0E-6B1D6A1B0003','admin',1,'Admin','User',NULL,'Enabled','2026-01-01 00:00:00',NULL);
CREATE TABLE vm_instance (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    display_name        TEXT    NULL,
    instance_name       TEXT    NOT NULL,
    state               TEXT    NOT NULL,
    host_id             INTEGER NULL REFERENCES host (id),
    last_host_id        INTEGER NULL REFERENCES host (id),
    service_offering_id INTEGER NOT NULL REFERENCES service_offering (id),
    vm_template_id      INTEGER NOT NULL REFERENCES vm_template (id),
    data_center_id      INTEGER NOT NULL REFERENCES data_center (id),
    account_id          INTEGER NOT NULL REFERENCES account (id),
    domain_id           INTEGER NOT NULL REFERENCES domain (id),
    user_id             INTEGER NOT NULL REFERENCES user (id),
    workflow_id         INTEGER NULL,
    command_number      INTEGER NOT NULL,
    answer_host_id      INTEGER NULL,
    answer_session      INTEGER NOT NULL,
    answer_sequence     INTEGER NOT NULL,
    update_count        INTEGER NOT NULL,
    update_time         TEXT    NOT NULL,
    created             TEXT    NOT NULL,
    removed             TEXT    NULL
);
INSERT INTO "vm_instance" VALUES(1,'15EC0129-5B85-485A-82ED-02A4F77F9D29','web1',NULL,'i-1-1-VM','Running',2,NULL,1,1,1,1,1,1,NULL,1,2,2,4,7,'2026-11-23 06:09:38.655281','2026-11-23 06:09:37.1634375',NULL);
INSERT INTO "vm_instance" VALUES(2,'2A22A019-F62F-4D7D-9D8A-7AF83383C6B2','web2',NULL,'i-1-2-VM','Stopped',NULL,2,1,1,1,1,1,1,NULL,2,2,2,6,13,'2026-11-23 06:09:40.0711529','2026-11-23 06:09:37.8487522',NULL);
CREATE TABLE vm_template (
    id                  INTEGER NOT NULL PRIMARY KEY,
    uuid                TEXT    NOT NULL,
    name                TEXT    NOT NULL,
    display_text        TEXT    NOT NULL,
    url                 TEXT    NOT NULL,
    format              TEXT    NOT NULL,
    hypervisor_type     TEXT    NOT NULL,
    account_id          INTEGER NOT NULL REFERENCES account (id),
    domain_id           INTEGER NOT NULL REFERENCES domain (id),
    created             TEXT    NOT NULL,
    removed             TEXT    NULL
);
INSERT INTO "vm_template" VALUES(1,'BF809D08-1144-4062-BC52-39B3093F430C','debian','Debian','http://images.example/debian.qcow2','QCOW2','KVM',1,1,'2026-11-23 06:09:36.8262433',NULL);
CREATE TABLE workflow (
    id                  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind                TEXT    NOT NULL,
    vm_id               INTEGER NOT NULL REFERENCES vm_instance (id),
    job_id              INTEGER NULL,
    waiting             INTEGER NOT NULL,
    step                TEXT    NOT NULL,
    document            TEXT    NOT NULL,
    deadline            TEXT    NULL,
    awaiting_host_id    INTEGER NULL,
    awaiting_command_id TEXT    NULL,
    awaiting_command    TEXT    NULL,
    version             INTEGER NOT NULL,
    created             TEXT    NOT NULL
);
CREATE UNIQUE INDEX uc_domain__uuid ON domain (uuid);
CREATE UNIQUE INDEX uc_domain__path ON domain (path);
CREATE UNIQUE INDEX uc_account__uuid ON account (uuid);
CREATE INDEX i_account__domain_id ON account (domain_id);
CREATE UNIQUE INDEX uc_user__uuid ON user (uuid);
CREATE INDEX i_user__account_id ON user (account_id);
CREATE UNIQUE INDEX uc_data_center__uuid ON data_center (uuid);
CREATE UNIQUE INDEX uc_data_center__name ON data_center (name);
CREATE UNIQUE INDEX uc_host_pod_ref__uuid ON host_pod_ref (uuid);
CREATE UNIQUE INDEX uc_host_pod_ref__data_center_id__name ON host_pod_ref (data_center_id, name);
CREATE UNIQUE INDEX uc_cluster__uuid ON cluster (uuid);
CREATE UNIQUE INDEX uc_cluster__pod_id__name ON cluster (pod_id, name);
CREATE INDEX i_cluster__data_center_id ON cluster (data_center_id);
CREATE UNIQUE INDEX uc_host__uuid ON host (uuid);
CREATE UNIQUE INDEX uc_host__guid ON host (guid) WHERE removed IS NULL;
CREATE INDEX i_host__name ON host (name);
CREATE INDEX i_host__cluster_id ON host (cluster_id);
CREATE INDEX i_host__data_center_id ON host (data_center_id);
CREATE INDEX i_host__status__last_ping ON host (status, last_ping);
CREATE UNIQUE INDEX uc_op_placement_class__digest ON op_placement_class (digest);
CREATE INDEX i_op_host_capacity__placement
    ON op_host_capacity (data_center_id, capacity_state, placement_class, cpu_free, ram_free);
CREATE INDEX i_op_host_capacity_vm__host_id ON op_host_capacity_vm (host_id);
CREATE UNIQUE INDEX uc_op_host_pci_devices__uuid ON op_host_pci_devices (uuid);
CREATE UNIQUE INDEX uc_op_host_pci_devices__address ON op_host_pci_devices (host_id, domain, bus, slot, function);
CREATE INDEX i_op_host_pci_devices__instance_id ON op_host_pci_devices (instance_id);
CREATE INDEX i_op_host_pci_devices__name ON op_host_pci_devices (name);
CREATE INDEX i_pci_device_history__device_id ON pci_device_history (device_id);
CREATE INDEX i_pci_device_history__vm_id ON pci_device_history (vm_id);
CREATE UNIQUE INDEX uc_service_offering__uuid ON service_offering (uuid);
CREATE INDEX i_service_offering__name ON service_offering (name);
CREATE UNIQUE INDEX uc_vm_template__uuid ON vm_template (uuid);
CREATE INDEX i_vm_template__name ON vm_template (name);
CREATE UNIQUE INDEX uc_vm_instance__uuid ON vm_instance (uuid);
CREATE INDEX i_vm_instance__name ON vm_instance (name);
CREATE INDEX i_vm_instance__host_id ON vm_instance (host_id);
CREATE INDEX i_vm_instance__state ON vm_instance (state);
CREATE INDEX i_vm_instance__service_offering_id ON vm_instance (service_offering_id);
CREATE INDEX i_vm_instance__account_id ON vm_instance (account_id);
CREATE INDEX i_workflow__vm_id ON workflow (vm_id);
CREATE INDEX i_workflow__deadline ON workflow (deadline);
CREATE INDEX i_workflow__awaiting_command_id ON workflow (awaiting_command_id);
CREATE INDEX i_workflow__awaiting_host_id ON workflow (awaiting_host_id);
CREATE UNIQUE INDEX uc_async_job__uuid ON async_job (uuid);
CREATE INDEX i_async_job__instance ON async_job (instance_type, instance_id, job_status);
CREATE INDEX i_async_job__account_id ON async_job (account_id);
CREATE INDEX i_async_job__completed ON async_job (completed);
CREATE UNIQUE INDEX uc_event__uuid ON event (uuid);
CREATE INDEX i_event__created ON event (created);
CREATE INDEX i_event__resource ON event (resource_type, resource_id);
CREATE INDEX i_event__type ON event (type);
CREATE UNIQUE INDEX uc_alert__uuid ON alert (uuid);
CREATE INDEX i_alert__host_id ON alert (host_id);
CREATE INDEX i_alert__created ON alert (created);
CREATE INDEX i_outbox_message__lease_until ON outbox_message (lease_until);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('SchemaVersions',1);
INSERT INTO "sqlite_sequence" VALUES('op_host_pci_devices',14);
INSERT INTO "sqlite_sequence" VALUES('outbox_message',15);
INSERT INTO "sqlite_sequence" VALUES('workflow',3);
COMMIT;
