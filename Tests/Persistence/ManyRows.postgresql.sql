-- Enough rows that reading a table from end to end is what PostgreSQL avoids when it can.
INSERT INTO data_center (uuid, name, allocation_state, created)
    SELECT gen_random_uuid(), 'zone' || n, 'Enabled', now() FROM generate_series(1, 4) n;
INSERT INTO host_pod_ref (uuid, name, data_center_id, allocation_state, created)
    SELECT gen_random_uuid(), 'pod' || n, 1 + n % 4, 'Enabled', now() FROM generate_series(1, 40) n;
INSERT INTO cluster (uuid, name, pod_id, data_center_id, hypervisor_type, allocation_state, created)
    SELECT gen_random_uuid(), 'cluster' || n, 1 + n % 40, 1 + n % 4, 'KVM', 'Enabled', now() FROM generate_series(1, 200) n;
INSERT INTO host (uuid, guid, name, data_center_id, pod_id, cluster_id, status, resource_state, version, hypervisor_type, cpu_arch,
        cpus, speed, ram, dom0_memory, host_tags, session, report_sequence, boot_id, last_ping, created, update_count)
    SELECT gen_random_uuid(), 'guid' || n, 'kvm' || n, 1 + n % 4, 1 + n % 40, 1 + n % 200, (ARRAY['Up', 'Up', 'Up', 'Disconnected'])[1 + n % 4],
        'Enabled', '0.1.0', 'KVM', 'x86_64', 64, 2000, 1 << 30, 0, '', 1, 1, 'boot', now() - n * interval '1 second', now(), 1
    FROM generate_series(1, 5000) n;
INSERT INTO op_placement_class (digest, host_tags, pci_devices) SELECT 'class' || n, '', '10GE|' || n FROM generate_series(1, 2000) n;
INSERT INTO op_host_capacity (host_id, data_center_id, pod_id, cluster_id, capacity_state, cpu_total, cpu_used, ram_total, ram_used,
        placement_class, update_count)
    SELECT id, data_center_id, pod_id, cluster_id, 'Enabled', 128000, id % 1000, 1 << 30, id % 1000, 'class' || (1 + id % 2000), 1 FROM host;
INSERT INTO service_offering (uuid, name, display_text, state, cpu, speed, ram_size, host_tags, ha_enabled, pci_devices, details, created)
    SELECT gen_random_uuid(), 'offering' || n, '', 'Active', 1, 1000, 512, '', false, '10GE', '', now() FROM generate_series(1, 50) n;
INSERT INTO vm_template (uuid, name, display_text, url, format, hypervisor_type, account_id, domain_id, created)
    SELECT gen_random_uuid(), 'template' || n, '', 'http://images', 'QCOW2', 'KVM', 1, 1, now() FROM generate_series(1, 20) n;
INSERT INTO vm_instance (uuid, name, instance_name, state, host_id, service_offering_id, vm_template_id, data_center_id, account_id, domain_id,
        user_id, workflow_id, command_number, answer_session, answer_sequence, update_count, update_time, created)
    SELECT gen_random_uuid(), 'vm' || n, 'i-2-' || n || '-VM', (ARRAY['Running', 'Stopped', 'Starting', 'Destroyed'])[1 + n % 4],
        CASE WHEN n % 4 IN (0, 2) THEN 1 + n % 5000 END, 1 + n % 50, 1 + n % 20, 1 + n % 4, 1, 1, 1, CASE WHEN n % 10 = 0 THEN n END, 1, 1, 1, 1, now(), now()
    FROM generate_series(1, 40000) n;
INSERT INTO op_host_capacity_vm (vm_id, host_id, cpu, ram) SELECT id, host_id, 1000, 512 FROM vm_instance WHERE host_id IS NOT NULL;
INSERT INTO op_host_pci_devices (uuid, host_id, name, reported_name, domain, bus, slot, function, address_text, instance_id, claim, configured,
        present, health, enabled, seen_session, seen_sequence, created)
    SELECT gen_random_uuid(), 1 + n / 8, 'name' || n % 200, '10GE', 0, 40, 0, n % 8, '0000:28:00.' || n % 8,
        CASE WHEN n % 3 = 1 THEN n END, 1, true, true, 'Good', true, 1, 1, now()
    FROM generate_series(0, 39999) n;
INSERT INTO pci_device_history (device_id, claim, vm_id, host_id, what, why, created)
    SELECT 1 + n % 40000, 1, n, 1 + n % 5000, 'Claimed', '', now() FROM generate_series(1, 40000) n;
INSERT INTO workflow (kind, vm_id, job_id, waiting, step, document, deadline, awaiting_host_id, awaiting_command_id, version, created)
    SELECT 'StartVirtualMachine', n * 10, n, false, 'Starting', '{}', CASE WHEN n % 2 = 0 THEN now() + n * interval '1 second' END,
        1 + n % 5000, gen_random_uuid(), 1, now()
    FROM generate_series(1, 4000) n;
INSERT INTO workflow_command (workflow_id, host_id, command_id, command, deadline)
    SELECT id, awaiting_host_id, awaiting_command_id, 'CheckVirtualMachineCommand {}', deadline FROM workflow;
INSERT INTO async_job (uuid, job_cmd, user_id, account_id, domain_id, event_type, instance_type, instance_id, job_status, created, completed)
    SELECT gen_random_uuid(), 'deployVirtualMachine', 1, 1, 1, 'VM.CREATE', 'VirtualMachine', n, CASE WHEN n % 100 = 0 THEN 'InProgress' ELSE 'Succeeded' END,
        now(), CASE WHEN n % 100 = 0 THEN NULL ELSE now() END
    FROM generate_series(1, 40000) n;
INSERT INTO event (uuid, type, level, state, description, user_id, account_id, domain_id, resource_type, resource_id, created)
    SELECT gen_random_uuid(), 'VM.CREATE', 'INFO', 'Completed', '', 1, 1, 1, 'VirtualMachine', n, now() FROM generate_series(1, 40000) n;
INSERT INTO alert (uuid, type, subject, body, host_id, created, resolved)
    SELECT gen_random_uuid(), 'ClockSkew', '', '', 1 + n % 5000, now(), CASE WHEN n % 10 > 0 THEN now() END FROM generate_series(1, 20000) n;
INSERT INTO outbox_message (destination, message_type, body, lease_owner, lease_until, created)
    SELECT 'agent', 'x', repeat('x', 500), 'owner' || n % 3, now() + n * interval '1 second', now() FROM generate_series(1, 20000) n;
ANALYZE;
