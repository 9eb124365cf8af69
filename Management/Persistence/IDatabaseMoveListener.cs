namespace PciBus.Management.Persistence;

/// <summary>Is told that the database is another than before, or is back at an earlier moment, while this process runs.</summary>
internal interface IDatabaseMoveListener
{
    /// <summary>Called in a transaction of its own, before anything else uses the database as it is now; it may be called again.</summary>
    Task MovedAsync(PciBusDbContext database, CancellationToken cancellationToken);
}
