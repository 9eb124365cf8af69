using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Hosts;

/// <summary>Finds hosts by their guids, and makes new ones.</summary>
internal sealed class HostManager(PciBusDbContext database, EventManager events, TimeProvider time)
{
    /// <summary>The host with a guid; null when there is none, or it was deleted.</summary>
    public static readonly CompiledQuery<string, Host?> ByGuid = new((database, guid, _) =>
        database.Set<Host>().SingleOrDefault(host => host.Guid == guid && host.Removed == null));

    private static readonly CompiledQuery<string, long?> LastSession = new((database, guid, _) =>
        database.Set<Host>().Where(host => host.Guid == guid).Max(host => (long?)host.Session));

    /// <summary>The host with a guid; null when there is none, or it was deleted.</summary>
    public Task<Host?> FindAsync(string guid, CancellationToken cancellationToken) =>
        ByGuid.ReadAsync(database, guid, cancellationToken);

    /// <summary>The highest session that any host with a guid ever had, deleted ones too; null when there was none.</summary>
    public Task<long?> LastSessionAsync(string guid, CancellationToken cancellationToken) =>
        LastSession.ReadAsync(database, guid, cancellationToken);

    /// <summary>Makes a host of which nothing else is known yet, with its capacity row.</summary>
    /// <param name="how">How it became a host, for its event.</param>
    public async Task<Host> AddAsync(string guid, string name, Cluster cluster, string how, CancellationToken cancellationToken)
    {
        var host = new Host
        {
            Uuid = Guid.NewGuid(),
            Guid = guid,
            Name = name,
            DataCenterId = cluster.DataCenterId,
            PodId = cluster.PodId,
            ClusterId = cluster.Id,
            Status = HostStatus.Creating,
            ResourceState = ResourceState.Enabled,
            Version = "",
            HypervisorType = cluster.HypervisorType,
            CpuArch = "",
            HostTags = "",
            // Messages of a deleted host with this guid may still be under way.
            Session = await LastSessionAsync(guid, cancellationToken) ?? 0,
            BootId = "",
            Created = time.GetUtcNow(),
        };
        database.Add(host);
        await database.SaveChangesAsync(cancellationToken);
        database.Add(new HostCapacity
        {
            HostId = host.Id,
            DataCenterId = cluster.DataCenterId,
            PodId = cluster.PodId,
            ClusterId = cluster.Id,
            CapacityState = CapacityState.Disabled,
            PlacementClass = HostCapacity.EmptyClass,
        });
        events.Record(EventTypes.HostAdd, $"host {name} {how}", Caller.Admin, nameof(Host), host.Id);
        await database.SaveChangesAsync(cancellationToken);
        return host;
    }
}
