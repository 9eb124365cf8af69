using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

[OutOfProcess]
public sealed class DatabasePlaceTests
{
    [Fact]
    public async Task PostgreSqlDatabase_StaysInItsPlace_FromStartToStart()
    {
        using var rig = new ManagementRig(provider: DatabaseProvider.PostgreSql);
        using var other = rig.AnotherServer();

        Assert.True(await CheckAsync(rig));
        Assert.False(await CheckAsync(rig));
        Assert.False(await CheckAsync(other));
    }

    [Fact]
    public async Task OneOfManyServers_NoticesTheRestoration()
    {
        using var rig = new ManagementRig(provider: DatabaseProvider.PostgreSql);
        using var other = rig.AnotherServer();

        var noticed = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(() => CheckAsync(number % 2 == 0 ? rig : other))));

        Assert.Single(noticed, true);
    }

    [Fact]
    public async Task CopyOfAPostgreSqlDatabase_LiesElsewhere()
    {
        using var database = new PostgreSqlDatabase();
        using var copy = new PostgreSqlDatabase();

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

    private static Task<bool> CheckAsync(ManagementRig rig) =>
        rig.RunAsync((RestoreManager restore) => restore.CheckAsync(CancellationToken.None));

    private static async Task<string> PlaceAsync(TestDatabase database)
    {
        await using var context = database.Open();
        return await DatabasePlace.OfAsync(context, CancellationToken.None);
    }
}
