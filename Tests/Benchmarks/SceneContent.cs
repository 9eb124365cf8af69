using Microsoft.Data.Sqlite;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;

namespace PciBus.Tests.Benchmarks;

/// <summary>
/// Many hosts, each with four devices A, two B and two C, and a stopped virtual machine for every placement to come. One
/// more virtual machine owns the devices that are taken.
/// </summary>
/// <param name="taken">So many hosts, the first, have no device left.</param>
/// <param name="cpuFull">So many hosts, the first, have no CPU left.</param>
internal sealed class SceneContent(int hosts, int taken, int cpuFull, int virtualMachines)
{
    private const string Names = "AAAABBCC";

    /// <summary>A statement per table makes all its rows: ten thousand hosts have a hundred thousand.</summary>
    public void Fill(string path) => Execute(path, $$"""
        INSERT INTO data_center VALUES (1, '{{NewUuid()}}', 'zone', 'Enabled', '2026-01-01');
        INSERT INTO host_pod_ref VALUES (1, '{{NewUuid()}}', 'pod', 1, 'Enabled', '2026-01-01');
        INSERT INTO cluster VALUES (1, '{{NewUuid()}}', 'cluster', 1, 1, 'KVM', 'Enabled', '2026-01-01');
        INSERT INTO service_offering (
            id, uuid, name, display_text, state, cpu, speed, ram_size, host_tags, ha_enabled, pci_devices, details, domain_id, created)
        VALUES (1, '{{NewUuid()}}', 'o', 'o', 'Active', 1, 100, 64, '', 0, '', '{}', NULL, '2026-01-01');
        INSERT INTO vm_template VALUES (1, '{{NewUuid()}}', 't', 't', 'u', 'QCOW2', 'KVM', 1, 1, '2026-01-01', NULL);
        {{Numbers(virtualMachines + 1)}}
        INSERT INTO vm_instance (id, uuid, name, instance_name, state, service_offering_id, vm_template_id, data_center_id, account_id,
            domain_id, user_id, command_number, answer_session, answer_sequence, update_count, update_time, created)
        SELECT n, {{Uuid("n")}}, 'vm' || n, 'i-1-' || n || '-VM', 'Stopped', 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, '2026-01-01', '2026-01-01'
        FROM numbers;
        {{Numbers(hosts)}}
        INSERT INTO host (id, uuid, guid, name, data_center_id, pod_id, cluster_id, status, resource_state, version, hypervisor_type,
            cpu_arch, cpus, speed, ram, dom0_memory, host_tags, session, report_sequence, boot_id, created, update_count)
        SELECT n, {{Uuid("n")}}, 'g' || n, 'kvm' || n, 1, 1, 1, 'Up', 'Enabled', '1', 'KVM', 'x86_64',
            32, 2400, 137438953472, 0, '', 1, 1, 'b', '2026-01-01', 0 FROM numbers;
        {{Numbers(hosts)}}
        INSERT INTO op_host_capacity (host_id, data_center_id, pod_id, cluster_id, capacity_state, cpu_total, cpu_used, ram_total, ram_used,
            placement_class, update_count)
        SELECT n, 1, 1, 1, 'Enabled', 76800, iif(n <= {{cpuFull}}, 76800, 0), 137438953472, 0, '{{HostCapacity.EmptyClass}}', 0 FROM numbers;
        {{Numbers(hosts * Names.Length)}}
        INSERT INTO op_host_pci_devices (uuid, host_id, name, reported_name, domain, bus, slot, function, address_text, instance_id, claim,
            configured, present, health, enabled, seen_session, seen_sequence, created)
        SELECT {{Uuid("n")}}, host, name, name, 0, 40, 0, device, '0000:28:00.' || device,
            iif(host <= {{taken}}, {{virtualMachines + 1}}, NULL), 1, 1, 1, 'Good', 1, 0, 0, '2026-01-01'
        FROM (SELECT n, 1 + (n - 1) / {{Names.Length}} AS host, (n - 1) % {{Names.Length}} AS device,
            substr('{{Names}}', 1 + (n - 1) % {{Names.Length}}, 1) AS name FROM numbers);
        """);

    /// <summary>Gives each host its placement class. The product finds that of a taken and of a free host.</summary>
    public async Task ClassifyAsync(string path, DatabaseTransactions transactions)
    {
        foreach (var (first, last) in new[] { (1, taken), (taken + 1, hosts) })
        {
            if (first > last) continue;
            await transactions.RunAsync((PlacementClassManager classes) => classes.RefreshAsync(first, default), default);
            Execute(path, $"""
                UPDATE op_host_capacity
                SET update_count = 1, placement_class = (SELECT placement_class FROM op_host_capacity WHERE host_id = {first})
                WHERE host_id BETWEEN {first + 1} AND {last};
                """);
        }
    }

    private static void Execute(string path, FormattableString sql)
    {
        using var connection = new SqliteConnection($"Data Source={path}");
        connection.Open();
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.CommandText = FormattableString.Invariant(sql);
        command.ExecuteNonQuery();
        transaction.Commit();
    }

    private static string Numbers(int count) =>
        $"WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})";

    /// <summary>Begins at random, as those of the product: rows come into the index in no order.</summary>
    private static string Uuid(string number) => $"printf('%08X-0000-4000-8000-%012X', abs(random() % 4294967296), {number})";

    private static string NewUuid() => Guid.NewGuid().ToString().ToUpperInvariant();
}
