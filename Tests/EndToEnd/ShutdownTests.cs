using Npgsql;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.EndToEnd;

/// <summary>Management and agents that are told to end do, whatever of their surroundings has gone before.</summary>
[Collection(nameof(Bus))]
[OutOfProcess]
public sealed class ShutdownTests(BrokerFixture broker) : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-shutdown-").FullName;
    private readonly PostgreSqlDatabase _database = new();
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [OnlyInAll("half a minute of processes")]
    [Fact]
    public async Task Without_broker_and_database_management_and_agent_end_when_they_are_told_to()
    {
        var address = new NpgsqlConnectionStringBuilder(_database.Options.ConnectionString);
        await using var toDatabase = new BrokerProxy($"tcp://{address.Host}:{address.Port}");
        await using var toBroker = new BrokerProxy(await broker.CleanAsync(_token));
        address.Port = new Uri(toDatabase.Address).Port;
        await using var management = new ManagementProcess(_folder, bus: toBroker.Address)
        {
            Arguments = { "--setting", "database.provider=postgresql", "--setting", $"database.connection={address.ConnectionString}" },
        };
        management.AddHost("kvm1", "guid-1", "28:00.1|10GE", "agent.data.folder=.");
        await using var agent = new AgentProcess(Path.Combine(_folder, "hosts", "kvm1"), toBroker.Address);
        agent.Start();
        await management.StartAsync(hosts: 1, _token);
        await toDatabase.CloseAsync();
        await toBroker.CloseAsync();
        await Patience.UntilAsync(
            () => management.Output.Contains("Failed to connect", StringComparison.Ordinal), Soon, () => management.LastLines, _token);

        Assert.Equal(0, await agent.TerminateAsync(_token));
        Assert.Equal(0, await management.InterruptAsync(_token));
    }
}
