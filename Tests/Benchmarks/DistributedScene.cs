using System.Diagnostics;
using System.Globalization;
using Npgsql;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;

namespace PciBus.Tests.Benchmarks;

/// <summary>Management as a process, over RabbitMQ and PostgreSQL, all on this machine.</summary>
internal sealed class DistributedScene : IAsyncDisposable
{
    private readonly PostgreSqlDatabase _database = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-bench").FullName;
    private readonly List<SwarmProcess> _swarms = [];

    public DistributedScene(int pingInterval)
    {
        Management = new ManagementProcess(Path.Combine(_folder, "management"), pingInterval, Broker.Address)
        {
            Arguments =
            {
                "--setting", "database.provider=postgresql", "--setting", $"database.connection={_database.Options.ConnectionString}",
            },
        };
    }

    public BrokerNode Broker { get; } = new();

    public ManagementProcess Management { get; }

    public async Task StartAsync()
    {
        if (await BrokerNode.InstallAsync() is { } missing) throw new InvalidOperationException(missing);
        await Broker.StartAsync(default);
        await Management.StartAsync(0, default);
    }

    /// <summary>Starts agents in processes that share them, and waits until all their hosts are Up.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> AddAgentsAsync(int count, int processes, int devices)
    {
        var clock = Stopwatch.StartNew();
        for (var process = 0; process < processes; process++)
        {
            _swarms.Add(SwarmProcess.Start(
                Broker.Address, Path.Combine(_folder, $"swarm{process}"), process * count / processes, (process + 1) * count / processes, devices));
        }

        await UntilAsync("SELECT count(*) FROM host WHERE status = 'Up'", count, TimeSpan.FromMinutes(3));
        return clock.Elapsed;
    }

    public long Number(string sql)
    {
        using var connection = new NpgsqlConnection(_database.Options.ConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    public double Real(string sql)
    {
        using var connection = new NpgsqlConnection(_database.Options.ConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToDouble(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    public async Task UntilAsync(string sql, long atLeast, TimeSpan idle)
    {
        long number = 0;
        await Patience.UntilAsync(
            () => (number = Number(sql)) >= atLeast,
            idle,
            () => $"{number}\n{Management.LastLines}",
            default,
            $"{sql} is {atLeast} at least");
    }

    /// <summary>The processor time that management has used so far.</summary>
    public TimeSpan ManagementTime()
    {
        using var process = Process.GetProcessById(int.Parse(
            File.ReadAllText(Path.Combine(Management.DataFolder, "management.pid")), CultureInfo.InvariantCulture));
        return process.TotalProcessorTime;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var swarm in _swarms) await swarm.DisposeAsync();
        await Management.DisposeAsync();
        await Broker.DisposeAsync();
        _database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
