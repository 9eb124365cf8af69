using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>What only a live SQL Server can tell of its own.</summary>
[OutOfProcess]
public sealed class SqlServerLiveTests
{
    /// <summary>Everything that management does with its database.</summary>
    [Fact]
    public async Task Catalogue_Runs()
    {
        SqlServerServer.Require();

        await Catalogue.RunEachAsync(DatabaseProvider.SqlServer);
    }

    [Fact]
    public void DatabaseOfAnotherCollation_OrThatReadsLocked_IsRefused_WithWhatToDo()
    {
        SqlServerServer.Require();

        Assert.Contains("Make the database with CREATE DATABASE ... COLLATE", Refusal("COLLATE Latin1_General_100_CI_AS"), StringComparison.Ordinal);
        Assert.Contains("Say ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT", Refusal("COLLATE Latin1_General_100_BIN2"), StringComparison.Ordinal);
    }

    private static string Refusal(string collation)
    {
        var name = $"pcibus_test_{Guid.NewGuid():N}";
        SqlServerServer.Execute($"CREATE DATABASE {name} {collation}");
        try
        {
            return Assert.Throws<SchemaException>(() => SchemaInstaller.Upgrade(SqlServerServer.Options(name))).Message;
        }
        finally
        {
            SqlServerServer.Execute(SqlServerDatabase.RemovalOf(name));
        }
    }
}
