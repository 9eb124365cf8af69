namespace PciBus.Management.Persistence;

/// <summary>Remembers rows that stay in the database for good, as long as the database does.</summary>
internal interface IDatabaseCache
{
    /// <summary>The database may be back at an earlier moment.</summary>
    void Forget();
}
