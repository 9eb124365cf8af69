using PciBus.Management.Configuration;
using PciBus.Management.Persistence;

namespace PciBus.Management.Setup;

/// <summary>Where the database is.</summary>
internal sealed class DatabaseSettings
{
    [Setting("database.provider", SettingCategory.Database, "the engine of the database; with sqlite it is a file of the data folder")]
    public DatabaseProvider Provider { get; init; } = DatabaseProvider.Sqlite;

    [Setting("database.connection", SettingCategory.Database,
        "where PostgreSQL or SQL Server is; not on the command line, which everybody on a machine can read",
        Allowed = "Host=HOST;Database=NAME;Username=USER;Password=PASSWORD for PostgreSQL, "
            + "Server=HOST;Database=NAME;User ID=USER;Password=PASSWORD for SQL Server",
        IsSecret = true)]
    public string? Connection { get; init; }
}
