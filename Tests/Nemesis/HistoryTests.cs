using Npgsql;
using PciBus.Management.Persistence;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Nemesis;

/// <summary>A history that was kept says what the run had to say.</summary>
[OutOfProcess]
[OnlyInAll("it goes with the nemesis")]
public sealed class HistoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-history-").FullName;
    private readonly PostgreSqlDatabase _copy = new(empty: true);

    [Fact]
    public async Task Kept_history_is_judged_as_the_run_was()
    {
        if (Environment.GetEnvironmentVariable("PCIBUS_HISTORY") is { Length: > 0 } kept)
        {
            Assert.Equal([], History.Open(kept, _copy).WrongsAtRest());
            return;
        }

        using var rig = new ManagementRig(provider: DatabaseProvider.PostgreSql);
        await rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var vm = await new Operator(rig).RunAsync();
        await rig.DeliverAsync();
        var host = Path.Combine(_folder, "run", "kvm1");
        Directory.CreateDirectory(Path.Combine(host, "simulator"));
        await File.WriteAllTextAsync(Path.Combine(host, "simulator", "attachments.log"), "", TestContext.Current.CancellationToken);
        var before = new Judge([host], Connect).WrongsAtRest();

        History.Keep([host], rig.Database.ConnectionString, Path.Combine(_folder, "kept"));

        Assert.Equal([$"recorded, and not so: {vm.Uuid} on kvm1 with 1 devices"], before);
        Assert.Equal(before, History.Open(Path.Combine(_folder, "kept"), _copy).WrongsAtRest());

        NpgsqlConnection Connect()
        {
            var connection = new NpgsqlConnection(rig.Database.ConnectionString);
            connection.Open();
            return connection;
        }
    }

    public void Dispose()
    {
        _copy.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
