using System.Data.Common;
using Microsoft.Data.Sqlite;
using PciBus.Management.Persistence;

namespace PciBus.Tests.Support;

/// <summary>A SQLite file.</summary>
internal sealed class SqliteDatabase : TestDatabase
{
    private static readonly Lazy<byte[]> Template = new(InstallTemplate);

    public SqliteDatabase()
    {
        Path = NewPath();
        File.WriteAllBytes(Path, Template.Value);
    }

    public string Path { get; }

    public override DatabaseOptions Options => DatabaseOptions.SqliteFile(Path);

    public override DbConnection Connect()
    {
        var connection = new SqliteConnection(Options.ConnectionString);
        connection.Open();
        return connection;
    }

    public override void IgnoreUpdates(string table, string column, string when) =>
        Execute($"CREATE TRIGGER ignored BEFORE UPDATE OF {column} ON {table} WHEN {when} BEGIN SELECT RAISE(IGNORE); END");

    public override void Dispose() => Delete(Path);

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
