using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;

namespace PciBus.Tests.Support;

/// <summary>A SQLite file of its own with the installed schema; the scripts run once per process.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    private static readonly Lazy<byte[]> Template = new(InstallTemplate);

    public SqliteDatabase()
    {
        Path = NewPath();
        File.WriteAllBytes(Path, Template.Value);
    }

    public string Path { get; }

    public DatabaseOptions Options => DatabaseOptions.SqliteFile(Path);

    /// <summary>A context for looking and preparing, outside everything under test.</summary>
    public PciBusDbContext Open()
    {
        var builder = new DbContextOptionsBuilder<PciBusDbContext>();
        Options.Configure(builder);
        return new PciBusDbContext(builder.Options);
    }

    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection(Options.ConnectionString);
        connection.Open();
        return connection;
    }

    public void Dispose() => Delete(Path);

    private static byte[] InstallTemplate()
    {
        var path = NewPath();
        SchemaInstaller.Upgrade(DatabaseOptions.SqliteFile(path));
        using (var connection = new SqliteConnection($"Data Source={path}"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            command.ExecuteNonQuery();
        }

        var content = File.ReadAllBytes(path);
        Delete(path);
        return content;
    }

    private static string NewPath() =>
        System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"pcibus-test-{Guid.NewGuid():N}.db");

    private static void Delete(string path)
    {
        using (var connection = new SqliteConnection($"Data Source={path}")) SqliteConnection.ClearPool(connection);
        foreach (var suffix in new[] { "", "-wal", "-shm" }) File.Delete(path + suffix);
    }
}
