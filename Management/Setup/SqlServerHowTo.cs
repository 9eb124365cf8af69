using Microsoft.Data.SqlClient;
using PciBus.Management.Persistence;

namespace PciBus.Management.Setup;

/// <summary>The commands that an operator gives SQL Server.</summary>
internal static class SqlServerHowTo
{
    /// <summary>How a database is made, to follow the error about a missing one.</summary>
    public const string Create =
        $"Make it with CREATE DATABASE NAME COLLATE {SqlServerText.Collation}, and ALTER DATABASE NAME SET READ_COMMITTED_SNAPSHOT ON; "
        + "the login that database.connection names is its owner";

    /// <summary>
    /// The command that backs a database up, without the password: sqlcmd asks for it. A copy-only backup is no part of the series that an
    /// administrator may be making.
    /// </summary>
    /// <param name="file">As the machine of SQL Server names it.</param>
    public static string BackUp(DatabaseOptions options, string file)
    {
        var connection = new SqlConnectionStringBuilder(options.ConnectionString);
        var login = connection.IntegratedSecurity || connection.UserID.Length == 0 ? "-E" : $"-U {connection.UserID}";
        var trust = connection.TrustServerCertificate ? " -C" : "";
        return $"sqlcmd -S {connection.DataSource} {login}{trust} -b -Q \"{BackupStatement(connection.InitialCatalog, file)}\"";
    }

    /// <summary>What sqlcmd is to say.</summary>
    public static string BackupStatement(string database, string file) =>
        $"BACKUP DATABASE [{database.Replace("]", "]]", StringComparison.Ordinal)}] "
        + $"TO DISK = N'{file.Replace("'", "''", StringComparison.Ordinal)}' WITH COPY_ONLY, CHECKSUM";
}
