using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Whether a transaction has written something is known at its end, without asking the engine.</summary>
public sealed class TransactionWritesTests : IDisposable
{
    private readonly SqliteDatabase _database = new();

    public TransactionWritesTests() => _database.Execute("INSERT INTO configuration (name, value) VALUES ('a', '1')");

    public static TheoryData<string, bool> Works => new()
    {
        { "nothing", false },
        { "a query", false },
        { "an update of no row", false },
        { "an update", true },
        { "a deletion", true },
        { "a command", true },
        { "a command that finds no row", false },
        { "a row that is saved", true },
        { "a row that is saved as it was", false },
    };

    [Theory]
    [MemberData(nameof(Works))]
    public async Task Writes_AreNoted(string work, bool written)
    {
        var builder = new DbContextOptionsBuilder<PciBusDbContext>();
        _database.Options.Configure(builder);
        await using var database = new PciBusDbContext(builder.AddInterceptors(new TransactionWrites()).Options);

        await DoAsync(database, work);
        await database.SaveChangesAsync(TestContext.Current.CancellationToken);

        Assert.Equal(written, database.HasWritten);
    }

    [Fact]
    public async Task NextTransaction_HasWrittenNothing()
    {
        using var rig = new ManagementRig(_database);
        await rig.RunAsync((PciBusDbContext database) => Task.FromResult(database.HasWritten = true));

        Assert.False(await rig.RunAsync((PciBusDbContext database) => Task.FromResult(database.HasWritten)));
    }

    public void Dispose() => _database.Dispose();

    private static Task DoAsync(PciBusDbContext database, string work) => work switch
    {
        "a query" => Values(database).ToListAsync(),
        "an update of no row" => Values(database).Where(row => row.Name == "z").ExecuteUpdateAsync(set => set.SetProperty(row => row.Value, "2")),
        "an update" => Values(database).ExecuteUpdateAsync(set => set.SetProperty(row => row.Value, "2")),
        "a deletion" => Values(database).ExecuteDeleteAsync(),
        "a command" => database.Database.ExecuteSqlAsync($"UPDATE configuration SET value = '3'"),
        "a command that finds no row" => database.Database.ExecuteSqlAsync($"UPDATE configuration SET value = '3' WHERE name = 'z'"),
        "a row that is saved" => ChangeAsync(database, "4"),
        "a row that is saved as it was" => ChangeAsync(database, "1"),
        _ => Task.CompletedTask,
    };

    private static async Task ChangeAsync(PciBusDbContext database, string value) => (await Values(database).SingleAsync()).Value = value;

    private static DbSet<ConfigurationValue> Values(PciBusDbContext database) => database.Set<ConfigurationValue>();
}
