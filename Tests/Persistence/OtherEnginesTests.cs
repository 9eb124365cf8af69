using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Rows can be written on the engines that have no server here: EF Core makes the commands for them.</summary>
public sealed class OtherEnginesTests
{
    public static IEnumerable<TheoryDataRow<string, string>> Tables =>
        from engine in UnconnectedEngine.All
        from table in TablesOf(engine)
        select new TheoryDataRow<string, string>(engine.Provider.ToString(), table.GetTableName()!);

    [Theory]
    [MemberData(nameof(Tables))]
    public void Row_IsInserted(string engine, string table) => AssertWrites(engine, table, EntityState.Added, "INSERT ");

    [Theory]
    [MemberData(nameof(Tables))]
    public void Row_IsDeleted(string engine, string table) => AssertWrites(engine, table, EntityState.Deleted, "DELETE ");

    [Theory]
    [MemberData(nameof(Tables))]
    public void Row_IsUpdated(string engine, string table) => AssertWrites(engine, table, EntityState.Modified, "UPDATE ");

    /// <summary>Of several rows EF Core makes a MERGE there, in which no row matches another.</summary>
    [Fact]
    public void ManyRows_AreInserted_OnSqlServer()
    {
        using var database = UnconnectedEngine.SqlServer.Open();
        foreach (var subject in new[] { "one", "two", "three" })
        {
            database.Add(new Alert { Type = AlertType.DeadLetter, Subject = subject, Body = "its body", Created = Announcements.Now });
        }

        var text = NotExecutedException.TextOf(() => database.SaveChanges());

        Assert.Contains("MERGE [alert] USING", text, StringComparison.Ordinal);
        Assert.Contains("ON 1=0", text, StringComparison.Ordinal);
        Assert.Empty(SqlServerQueries.Problems(text));
    }

    [Fact]
    public void QueryOfOneEngineOnly_Fails()
    {
        using var database = new SqliteDatabase();
        using var context = database.Open();
        var query = context.Set<PciBus.Management.Hosts.Host>().Where(host => EF.Functions.Glob(host.Name, "kvm*"));

        Assert.All(UnconnectedEngine.All, engine => Assert.ThrowsAny<Exception>(() => engine.Translate(query.Expression)));
    }

    private static void AssertWrites(string engine, string table, EntityState state, string command)
    {
        var unconnected = UnconnectedEngine.All.Single(one => one.Provider == Enum.Parse<DatabaseProvider>(engine));
        var entity = TablesOf(unconnected).Single(one => one.GetTableName() == table);
        using var database = unconnected.Open();
        var entry = database.Entry(Fill(entity));
        entry.State = state;

        var text = NotExecutedException.TextOf(() => database.SaveChanges());
        Assert.Contains(command, text, StringComparison.Ordinal);
        if (unconnected == UnconnectedEngine.SqlServer) Assert.Empty(SqlServerQueries.Problems(text));
    }

    private static List<IEntityType> TablesOf(UnconnectedEngine engine)
    {
        using var database = engine.Open();
        return [.. database.Model.GetEntityTypes()];
    }

    private static object Fill(IEntityType entity)
    {
        var row = Activator.CreateInstance(entity.ClrType)!;
        foreach (var property in entity.GetProperties().Select(one => one.PropertyInfo).OfType<PropertyInfo>())
        {
            property.SetValue(row, SampleValue.Of(property.PropertyType));
        }

        return row;
    }
}
