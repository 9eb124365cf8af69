using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Setup;
using PciBus.Management.Workflows;

namespace PciBus.Tests.Benchmarks;

/// <summary>
/// Management over a SQLite file with many hosts, each with four devices A, two B and two C, and a stopped virtual machine
/// for every placement to come.
/// </summary>
internal sealed class Scene : IAsyncDisposable
{
    private const string Names = "AAAABBCC";
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-bench").FullName;

    private Scene(ServiceProvider services) => Services = services;

    public ServiceProvider Services { get; private set; }

    public string Database => Path.Combine(_folder, "pcibus.db");

    /// <param name="taken">Share of the hosts, the first in every order, whose devices all have an owner.</param>
    /// <param name="cpuFull">Share of the hosts, the first in every order, that have no CPU left.</param>
    public static async Task<Scene> CreateAsync(int hosts, double taken, double cpuFull, int virtualMachines)
    {
        var scene = new Scene(null!);
        var options = DatabaseOptions.SqliteFile(scene.Database);
        SchemaInstaller.Upgrade(options);
        scene.Fill(hosts, taken, cpuFull, virtualMachines);
        scene.Services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton<IMessageSender, NoSender>()
            .AddDatabase(options)
            .AddCapabilities(new HostOptions { Admission = HostAdmission.Open }, new WorkflowOptions())
            .AddHttpApi()
            .AddScoped<Placement>()
            .BuildServiceProvider();
        var transactions = scene.Services.GetRequiredService<DatabaseTransactions>();
        for (var first = 1; first <= hosts; first += 500)
        {
            await transactions.RunAsync(
                async (PlacementClassManager classes) =>
                {
                    for (var host = first; host < Math.Min(first + 500, hosts + 1); host++) await classes.RefreshAsync(host, default);
                },
                default);
        }

        return scene;
    }

    public async ValueTask DisposeAsync()
    {
        await Services.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    private void Fill(int hosts, double taken, double cpuFull, int virtualMachines)
    {
        using var connection = new SqliteConnection($"Data Source={Database}");
        connection.Open();
        using var transaction = connection.BeginTransaction();
        Execute(connection, $$"""
            INSERT INTO data_center VALUES (1, '{{NewUuid()}}', 'zone', 'Enabled', '2026-01-01');
            INSERT INTO host_pod_ref VALUES (1, '{{NewUuid()}}', 'pod', 1, 'Enabled', '2026-01-01');
            INSERT INTO cluster VALUES (1, '{{NewUuid()}}', 'cluster', 1, 1, 'KVM', 'Enabled', '2026-01-01');
            INSERT INTO service_offering VALUES (1, '{{NewUuid()}}', 'o', 'o', 'Active', 1, 100, 64, '', 0, '', '{}', NULL, '2026-01-01', 'Forbid', NULL, NULL);
            INSERT INTO vm_template VALUES (1, '{{NewUuid()}}', 't', 't', 'u', 'QCOW2', 'KVM', 1, 1, '2026-01-01', NULL);
            INSERT INTO op_placement_class VALUES (1, '-', '', '');
            """);
        for (var vm = 1; vm <= virtualMachines + 1; vm++)
        {
            Execute(connection, $"""
                INSERT INTO vm_instance (id, uuid, name, instance_name, state, service_offering_id, vm_template_id, data_center_id, account_id,
                    domain_id, user_id, command_number, answer_session, answer_sequence, update_count, update_time, created)
                VALUES ({vm}, '{NewUuid()}', 'vm{vm}', 'i-1-{vm}-VM', 'Stopped', 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, '2026-01-01', '2026-01-01');
                """);
        }

        for (var host = 1; host <= hosts; host++)
        {
            var owner = host <= hosts * taken ? (virtualMachines + 1).ToString(CultureInfo.InvariantCulture) : "NULL";
            var used = host <= hosts * cpuFull ? 76_800 : 0;
            Execute(connection, $"""
                INSERT INTO host (id, uuid, guid, name, data_center_id, pod_id, cluster_id, status, resource_state, version, hypervisor_type, cpu_arch,
                    cpus, speed, ram, dom0_memory, host_tags, session, report_sequence, boot_id, created, update_count)
                VALUES ({host}, '{NewUuid()}', 'g{host}', 'kvm{host}', 1, 1, 1, 'Up', 'Enabled', '1', 'KVM', 'x86_64',
                    32, 2400, 137438953472, 0, '', 1, 1, 'b', '2026-01-01', 0);
                INSERT INTO op_host_capacity (host_id, data_center_id, pod_id, cluster_id, capacity_state, cpu_total, cpu_used, ram_total, ram_used, placement_class, update_count)
                    VALUES ({host}, 1, 1, 1, 'Enabled', 76800, {used}, 137438953472, 0, '-', 0);
                """);
            for (var device = 0; device < Names.Length; device++)
            {
                Execute(connection, $"""
                    INSERT INTO op_host_pci_devices (uuid, host_id, name, reported_name, domain, bus, slot, function, address_text, instance_id, claim,
                        configured, present, health, enabled, seen_session, seen_sequence, created)
                    VALUES ('{NewUuid()}', {host}, '{Names[device]}', '{Names[device]}', 0, 40, 0, {device}, '0000:28:00.{device}', {owner}, 1,
                        1, 1, 'Good', 1, 0, 0, '2026-01-01');
                    """);
            }
        }

        transaction.Commit();
    }

    private static string NewUuid() => Guid.NewGuid().ToString().ToUpperInvariant();

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private sealed class NoSender : IMessageSender
    {
        public Task<Delivery> SendAsync(string destination, object message, CancellationToken cancellationToken) =>
            Task.FromResult(Delivery.Taken);
    }
}
