using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.Setup;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

[OutOfProcess]
public sealed class DatabasePlaceTests
{
    [Theory]
    [InlineData(nameof(DatabaseProvider.PostgreSql))]
    [InlineData(nameof(DatabaseProvider.SqlServer))]
    public async Task Database_StaysInItsPlace_FromStartToStart(string engine)
    {
        using var rig = new ManagementRig(provider: Enum.Parse<DatabaseProvider>(engine));
        using var other = rig.AnotherServer();

        Assert.True(await CheckAsync(rig));
        Assert.False(await CheckAsync(rig));
        Assert.False(await CheckAsync(other));
    }

    [Theory]
    [InlineData(nameof(DatabaseProvider.PostgreSql))]
    [InlineData(nameof(DatabaseProvider.SqlServer))]
    public async Task OneOfManyServers_NoticesTheRestoration(string engine)
    {
        using var rig = new ManagementRig(provider: Enum.Parse<DatabaseProvider>(engine));
        using var other = rig.AnotherServer();

        var noticed = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(() => CheckAsync(number % 2 == 0 ? rig : other))));

        Assert.Single(noticed, true);
    }

    [Theory]
    [InlineData(nameof(DatabaseProvider.PostgreSql))]
    [InlineData(nameof(DatabaseProvider.SqlServer))]
    public async Task AnotherDatabase_LiesElsewhere(string engine)
    {
        using var database = TestDatabase.On(Enum.Parse<DatabaseProvider>(engine));
        using var copy = TestDatabase.On(Enum.Parse<DatabaseProvider>(engine));

        Assert.NotEqual(await PlaceAsync(database), await PlaceAsync(copy));
        Assert.Equal(await PlaceAsync(database), await PlaceAsync(database));
    }

    [Fact]
    public async Task TableThatWasMadeAgain_LiesElsewhere()
    {
        using var database = new PostgreSqlDatabase();
        var before = await PlaceAsync(database);

        // As pg_restore --clean does.
        database.Execute("DROP TABLE host CASCADE; CREATE TABLE host (id bigint)");

        Assert.NotEqual(before, await PlaceAsync(database));
    }

    [Fact]
    public async Task UserWithoutRights_MayAsk()
    {
        using var database = new PostgreSqlDatabase();
        database.Execute("DO $$ BEGIN CREATE ROLE pcibus_nobody; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        await using var context = database.Open();
        await context.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await context.Database.ExecuteSqlAsync($"SET ROLE pcibus_nobody", TestContext.Current.CancellationToken);

        Assert.NotEmpty(await DatabasePlace.OfAsync(context, CancellationToken.None));
    }

    /// <summary>The backup is written where SQL Server keeps its backups.</summary>
    [Fact]
    public async Task SqlServerDatabase_LiesElsewhere_AfterItWasRestored()
    {
        using var database = new SqlServerDatabase();
        var before = await PlaceAsync(database);

        SqlServerServer.Execute(SqlServerHowTo.BackupStatement(database.Name, $"{database.Name}.bak"));
        Assert.Equal(before, await PlaceAsync(database));
        foreach (var command in RestoredSqlServer.RestorationOf(database.Name, $"{database.Name}.bak")) SqlServerServer.Execute(command);

        Assert.NotEqual(before, await PlaceAsync(database));
    }

    /// <summary>A user who may not see it is told so, and never hears of another place.</summary>
    [Fact]
    public async Task UserOfSqlServerWithoutRights_HearsTheSame_OrWhatToDo()
    {
        using var database = new SqlServerDatabase();
        var place = await PlaceAsync(database);
        database.Execute("CREATE USER pcibus_nobody WITHOUT LOGIN");
        await using var context = database.Open();
        await context.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await context.Database.ExecuteSqlAsync($"EXECUTE AS USER = 'pcibus_nobody'", TestContext.Current.CancellationToken);

        var told = "";
        var refused = await Record.ExceptionAsync(async () =>
        {
            told = await DatabasePlace.OfAsync(context, CancellationToken.None);
        });

        await context.Database.ExecuteSqlAsync($"REVERT", TestContext.Current.CancellationToken);
        Assert.True(told == place || refused is SchemaException { Message: DatabasePlace.NotTold }, $"{told} {refused}");
    }

    private static Task<bool> CheckAsync(ManagementRig rig) =>
        rig.RunAsync((RestoreManager restore) => restore.CheckAsync(CancellationToken.None));

    private static async Task<string> PlaceAsync(TestDatabase database)
    {
        await using var context = database.Open();
        return await DatabasePlace.OfAsync(context, CancellationToken.None);
    }
}
