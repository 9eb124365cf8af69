namespace PciBus.Management.Persistence;

/// <summary>The engines PciBus runs on.</summary>
internal enum DatabaseProvider
{
    /// <summary>Embedded default: one file, one process.</summary>
    Sqlite,
    SqlServer,
    PostgreSql,
}
