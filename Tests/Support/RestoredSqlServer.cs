using System.Data.Common;
using Microsoft.Data.SqlClient;
using PciBus.Management.Persistence;
using PciBus.Management.Setup;

namespace PciBus.Tests.Support;

/// <summary>A database of the SQL Server for tests that is backed up, and restored under those who use it. The backup stays in the server's folder.</summary>
internal sealed class RestoredSqlServer : MovingDatabase
{
    /// <summary>The database of a test may commit before it has written: a backup is to have everything.</summary>
    public const string Flush = "EXEC sys.sp_flush_log";

    private readonly SqlServerDatabase _database = new();

    public override DatabaseOptions Options => _database.Options;

    private string Backup => $"{_database.Name}.bak";

    public static IReadOnlyList<string> RestorationOf(string name, string backup) =>
    [
        $"ALTER DATABASE {name} SET SINGLE_USER WITH ROLLBACK IMMEDIATE",
        $"RESTORE DATABASE {name} FROM DISK = N'{backup}' WITH REPLACE, CHECKSUM",
        $"ALTER DATABASE {name} SET MULTI_USER",
    ];

    public override DbConnection Connect() => _database.Connect();

    public override void CutOff()
    {
        _database.Execute(Flush);
        SqlServerServer.Execute(SqlServerHowTo.BackupStatement(_database.Name, Backup));
        ForgetConnections();
    }

    public override void GoBack()
    {
        foreach (var command in RestorationOf(_database.Name, Backup)) SqlServerServer.Execute(command);
        ForgetConnections();
    }

    public override void Dispose() => _database.Dispose();

    /// <summary>Those of the test; the servers under test find out by themselves.</summary>
    private void ForgetConnections()
    {
        using var connection = new SqlConnection(Options.ConnectionString);
        SqlConnection.ClearPool(connection);
    }
}
