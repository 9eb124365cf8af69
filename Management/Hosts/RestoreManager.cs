using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts;

/// <summary>
/// Notices at a start that the database may have been set back to an earlier moment. What it says of hosts may then be wrong: nothing is
/// allocated on a host before it has announced itself and its report has been compared.
/// </summary>
internal sealed class RestoreManager(PciBusDbContext database, TimeProvider time)
{
    /// <summary>Name of the value that holds the place where the database was last used.</summary>
    public const string Place = "database.place";

    /// <returns>Whether hosts must announce themselves.</returns>
    public async Task<bool> CheckAsync(CancellationToken cancellationToken)
    {
        var place = await DatabasePlace.OfAsync(database, cancellationToken);
        var known = await database.FindAsync<ConfigurationValue>([Place], cancellationToken);
        if (known?.Value == place) return false;
        if (known is null) database.Add(new ConfigurationValue { Name = Place, Value = place });
        else known.Value = place;
        // This write comes first: another server that starts at the same time waits here, and finds the work done.
        await database.SaveChangesAsync(cancellationToken);
        await DistrustHostsAsync(cancellationToken);
        return true;
    }

    /// <summary>
    /// Ends the session of every host. New session numbers follow the clock, so that no number comes again that was given out after the
    /// moment to which the database was set back.
    /// </summary>
    private async Task DistrustHostsAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var session = now.ToUnixTimeMilliseconds();
        await database.Set<HostCapacity>().ExecuteUpdateAsync(
            set => set.SetProperty(capacity => capacity.CapacityState, CapacityState.Disabled)
                .SetProperty(capacity => capacity.UpdateCount, capacity => capacity.UpdateCount + 1),
            cancellationToken);
        await database.Set<Host>().Where(host => host.Removed == null).ExecuteUpdateAsync(
            set => set.SetProperty(host => host.Session, host => host.Session < session ? session : host.Session + 1)
                .SetProperty(host => host.ReportSequence, 0)
                .SetProperty(host => host.UpdateCount, host => host.UpdateCount + 1),
            cancellationToken);
        // The same as HostEvent.ManagementServerDown does.
        await database.Set<Host>()
            .Where(host => host.Removed == null && (host.Status == HostStatus.Up || host.Status == HostStatus.Connecting))
            .ExecuteUpdateAsync(
                set => set.SetProperty(host => host.Status, HostStatus.Disconnected).SetProperty(host => host.Disconnected, now),
                cancellationToken);
    }
}
