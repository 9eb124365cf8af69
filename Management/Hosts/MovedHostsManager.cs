using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts;

/// <summary>What a database that has moved says of hosts may be out of date: they must announce themselves.</summary>
internal sealed class MovedHostsManager(TimeProvider time) : IDatabaseMoveListener
{
    public Task MovedAsync(PciBusDbContext database, CancellationToken cancellationToken) =>
        new RestoreManager(database, time).CheckAsync(cancellationToken);
}
