using Microsoft.Data.Sqlite;
using PciBus.Management.Persistence;
using PciBus.Tests.Simulation.Judge;

namespace PciBus.Tests.Simulation.Product;

/// <summary>The database of one seed, and what it says, read with plain SQL past all of the product's code.</summary>
internal sealed class SimulatedDatabase : IDisposable
{
    private const string Devices = """
        SELECT d.id, h.guid, d.domain, d.bus, d.slot, d.function, d.instance_id, d.claim, d.claimed_name, d.health,
               d.configured, d.reported_name, d.seen_in, d.health_reason
        FROM op_host_pci_devices d JOIN host h ON h.id = d.host_id ORDER BY d.id
        """;

    private const string Vms = """
        SELECT v.id, v.uuid, v.state, h.guid, v.workflow_id, COALESCE(v.wanted_pci_devices, o.pci_devices), v.degraded_since IS NOT NULL
        FROM vm_instance v JOIN service_offering o ON o.id = v.service_offering_id LEFT JOIN host h ON h.id = v.host_id ORDER BY v.id
        """;

    private const string Workflows = """
        SELECT w.id, w.vm_id, w.waiting, w.deadline IS NOT NULL, (
                   SELECT h.guid FROM workflow_command c JOIN host h ON h.id = c.host_id WHERE c.workflow_id = w.id ORDER BY c.id LIMIT 1), w.kind, w.step
        FROM workflow w ORDER BY w.id
        """;

    private const string Hosts = """
        SELECT h.id, h.guid, h.status, h.session, c.cpu_used, c.ram_used,
               COALESCE((SELECT SUM(cpu) FROM op_host_capacity_vm v WHERE v.host_id = h.id), 0),
               COALESCE((SELECT SUM(ram) FROM op_host_capacity_vm v WHERE v.host_id = h.id), 0),
               COALESCE((SELECT GROUP_CONCAT(vm_id) FROM op_host_capacity_vm v WHERE v.host_id = h.id), ''),
               h.resource_state
        FROM host h JOIN op_host_capacity c ON c.host_id = h.id ORDER BY h.id
        """;

    private const string Sightings = "SELECT s.vm_id, h.guid FROM vm_sighting s JOIN host h ON h.id = s.host_id ORDER BY s.id";

    /// <summary>The tables that <see cref="Read()"/> reads and that change.</summary>
    private static readonly System.Buffers.SearchValues<string> Judged = System.Buffers.SearchValues.Create(
        ["\"host\"", "\"op_host_capacity\"", "\"op_host_capacity_vm\"", "\"op_host_pci_devices\"", "\"vm_instance\"", "\"vm_sighting\"", "\"workflow\"", "\"workflow_command\""],
        StringComparison.Ordinal);

    private readonly Dictionary<string, SqliteCommand> _commands = [];
    private readonly SqliteConnection _judge;

    public SimulatedDatabase(string path)
    {
        DatabaseTemplate.CopyTo(path);
        Options = new DatabaseOptions(DatabaseProvider.Sqlite, $"Data Source={path};Default Timeout=1");
        Reading = Open();
        _judge = Open();
    }

    public DatabaseOptions Options { get; }

    /// <summary>For reads of transactions that have not written yet.</summary>
    public SqliteConnection Reading { get; }

    /// <summary>Whether what a command changes could be seen in the next state.</summary>
    public static bool IsJudged(string sql) => sql.AsSpan().ContainsAny(Judged);

    public DatabaseState Read() => new(
        Read(Devices, row => new DeviceRow(
            row.GetInt64(0),
            row.GetString(1),
            new((uint)row.GetInt64(2), (byte)row.GetInt64(3), (byte)row.GetInt64(4), (byte)row.GetInt64(5)),
            row.IsDBNull(6) ? null : row.GetInt64(6),
            row.GetInt64(7),
            Text(row, 8),
            row.GetString(9) == "Quarantined",
            row.GetBoolean(10),
            row.GetString(11),
            Text(row, 12) is { } seenIn ? Guid.Parse(seenIn) : null,
            Text(row, 13))),
        Read(Vms, row => new VmRow(
            row.GetInt64(0), Guid.Parse(row.GetString(1)), row.GetString(2), Text(row, 3), row.IsDBNull(4) ? null : row.GetInt64(4), row.GetString(5),
            row.GetBoolean(6))),
        Read(Workflows, row => new WorkflowRow(
            row.GetInt64(0), row.GetInt64(1), row.GetBoolean(2), row.GetBoolean(3), Text(row, 4), row.GetString(5), row.GetString(6))),
        Read(Hosts, row => new HostRow(
            row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt64(3),
            (row.GetInt64(4), row.GetInt64(5)), (row.GetInt64(6), row.GetInt64(7)),
            [.. row.GetString(8).Split(',', StringSplitOptions.RemoveEmptyEntries).Select(id => long.Parse(id, System.Globalization.CultureInfo.InvariantCulture))])
        {
            ResourceState = row.GetString(9),
        }))
    {
        Sightings = Read(Sightings, row => (row.GetInt64(0), row.GetString(1))),
    };

    /// <summary>Jobs that nobody has ended.</summary>
    public IReadOnlyList<string> OpenJobs() =>
        Read("SELECT id, job_cmd FROM async_job WHERE job_status = 'InProgress'", row => $"job {row.GetInt64(0)} {row.GetString(1)}");

    /// <summary>Everything that was ever decided to be sent.</summary>
    public IReadOnlyList<(string Destination, string Body)> Outbox() =>
        Read("SELECT destination, body FROM outbox_seen ORDER BY number", row => (row.GetString(0), row.GetString(1)));

    /// <summary>Classes that no host is in, but for that of hosts which have nothing.</summary>
    public IReadOnlyList<string> UnusedClasses() => Read(
        """
        SELECT p.host_tags, p.pci_devices FROM op_placement_class p
        WHERE p.host_tags || p.pci_devices <> '' AND p.digest NOT IN (SELECT placement_class FROM op_host_capacity)
        """,
        row => $"placement class [{row.GetString(0)}] [{row.GetString(1)}]");

    /// <summary>
    /// Alerts that stand, and whose cause is gone once nothing goes wrong any more and all hosts are back. An announcement that comes late
    /// raises HostMachine once more: an operator ends that.
    /// </summary>
    public IReadOnlyList<string> CauselessAlerts() => Read(
        """
        SELECT a.type, a.subject FROM alert a
        WHERE a.resolved IS NULL AND CASE a.type
            WHEN 'PciDeviceQuarantined' THEN NOT EXISTS (SELECT 1 FROM op_host_pci_devices d WHERE d.host_id = a.host_id AND d.health = 'Quarantined')
            WHEN 'VirtualMachineDegraded' THEN NOT EXISTS (SELECT 1 FROM vm_instance v WHERE v.id = a.vm_id AND v.degraded_since IS NOT NULL)
            WHEN 'RestartFailed' THEN EXISTS (SELECT 1 FROM vm_instance v WHERE v.id = a.vm_id AND v.state = 'Running')
            WHEN 'HostMachine' THEN 0
            ELSE 1 END
        """,
        row => $"{row.GetString(0)} ({row.GetString(1)})");

    public bool IsOutboxEmpty() => Read("SELECT 1 FROM outbox_message LIMIT 1", _ => true).Count == 0;

    /// <summary>As the operator's command does.</summary>
    public void BackUp(string file) => DatabaseBackup.Write(Options, file);

    /// <summary>Puts a backup in the place of the database, in one transaction: those who look at it keep it open.</summary>
    public void Restore(string file)
    {
        using var backup = new SqliteConnection($"Data Source={file};Pooling=False");
        backup.Open();
        backup.BackupDatabase(_judge);
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values) command.Dispose();
        _judge.Dispose();
        Reading.Dispose();
        using var pooled = new SqliteConnection(Options.ConnectionString);
        SqliteConnection.ClearPool(pooled);
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"{Options.ConnectionString};Pooling=False");
        connection.Open();
        return connection;
    }

    private List<T> Read<T>(string text, Func<SqliteDataReader, T> read)
    {
        if (!_commands.TryGetValue(text, out var command))
        {
            command = _judge.CreateCommand();
            command.CommandText = text;
            _commands.Add(text, command);
        }

        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
