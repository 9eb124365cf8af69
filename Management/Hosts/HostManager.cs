using Microsoft.EntityFrameworkCore;
using PciBus.Contracts.Startup;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts;

/// <summary>Keeps hosts, and the zones, pods and clusters that come into being with them.</summary>
internal sealed class HostManager(PciBusDbContext database, EventManager events, HostOptions options, TimeProvider time)
{
    /// <summary>Begins a session of a host, which is made when it is new. It is Connecting until its report is stored.</summary>
    public async Task<Host> ConnectAsync(StartupRoutingCommand startup, string emptyPlacementClass, CancellationToken cancellationToken)
    {
        var host = await database.Set<Host>()
            .SingleOrDefaultAsync(row => row.Guid == startup.Guid && row.Removed == null, cancellationToken);
        host ??= await CreateAsync(startup, emptyPlacementClass, cancellationToken);
        host.Name = startup.Name;
        host.PrivateIpAddress = startup.PrivateIpAddress;
        host.Version = startup.Version;
        host.HypervisorType = startup.HypervisorType;
        host.HypervisorVersion = startup.HypervisorVersion;
        host.CpuArch = startup.CpuArch;
        host.CpuSockets = startup.CpuSockets;
        host.Cpus = startup.Cpus;
        host.Speed = startup.Speed;
        host.Ram = startup.Memory;
        host.Dom0Memory = startup.Dom0MinMemory;
        host.Capabilities = startup.Caps;
        host.HostTags = HostTags.Canonical(startup.HostTags);
        host.BootId = startup.Report.BootId;
        host.Session++;
        host.ReportSequence = 0;
        host.LastPing = time.GetUtcNow();
        await MoveAsync(host, HostEvent.AgentConnected, cancellationToken);
        return host;
    }

    /// <summary>Moves a host's status by CloudStack's table; an event that has no place in it changes nothing.</summary>
    public async Task MoveAsync(Host host, HostEvent @event, CancellationToken cancellationToken)
    {
        if (!HostStateMachine.TryNext(host.Status, @event, out var next)) return;
        if (next is HostStatus.Disconnected or HostStatus.Alert or HostStatus.Down) host.Disconnected ??= time.GetUtcNow();
        if (next == HostStatus.Up) host.Disconnected = null;
        host.Status = next;
        await WriteCapacityAsync(host, cancellationToken);
    }

    /// <summary>Moves what the operator wants of a host.</summary>
    public async Task<Refusal?> MoveAsync(Host host, ResourceEvent @event, CancellationToken cancellationToken)
    {
        if (!ResourceStateMachine.TryNext(host.ResourceState, @event, out var next))
        {
            return new Refusal(RefusalCause.InvalidParameter, $"{host.Name} is {host.ResourceState}: {@event} is not possible");
        }

        host.ResourceState = next;
        await WriteCapacityAsync(host, cancellationToken);
        return null;
    }

    /// <summary>Every change of a host is written to its capacity row as well, where claims see it.</summary>
    public async Task WriteCapacityAsync(Host host, CancellationToken cancellationToken)
    {
        host.UpdateCount++;
        var state = host is { Status: HostStatus.Up, ResourceState: ResourceState.Enabled, ReportSequence: > 0, Removed: null }
            ? CapacityState.Enabled
            : CapacityState.Disabled;
        var cpu = (long)(host.Cpus * host.Speed * options.CpuOverprovisioningFactor);
        var ram = host.Ram - host.Dom0Memory;
        await database.Set<HostCapacity>()
            .Where(capacity => capacity.HostId == host.Id)
            .ExecuteUpdateAsync(
                set => set.SetProperty(capacity => capacity.CapacityState, state)
                    .SetProperty(capacity => capacity.CpuTotal, cpu)
                    .SetProperty(capacity => capacity.RamTotal, ram)
                    .SetProperty(capacity => capacity.UpdateCount, capacity => capacity.UpdateCount + 1),
                cancellationToken);
    }

    private async Task<Host> CreateAsync(StartupRoutingCommand startup, string emptyPlacementClass, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var zone = await EnsureAsync(
            database.Set<Zone>().Where(row => row.Name == startup.DataCenter),
            () => new Zone { Uuid = Guid.NewGuid(), Name = startup.DataCenter, Created = now },
            cancellationToken);
        var pod = await EnsureAsync(
            database.Set<Pod>().Where(row => row.DataCenterId == zone.Id && row.Name == startup.Pod),
            () => new Pod { Uuid = Guid.NewGuid(), Name = startup.Pod, DataCenterId = zone.Id, Created = now },
            cancellationToken);
        var cluster = await EnsureAsync(
            database.Set<Cluster>().Where(row => row.PodId == pod.Id && row.Name == startup.Cluster),
            () => new Cluster
            {
                Uuid = Guid.NewGuid(),
                Name = startup.Cluster,
                PodId = pod.Id,
                DataCenterId = zone.Id,
                HypervisorType = startup.HypervisorType,
                Created = now,
            },
            cancellationToken);
        var host = new Host
        {
            Uuid = Guid.NewGuid(),
            Guid = startup.Guid,
            Name = startup.Name,
            DataCenterId = zone.Id,
            PodId = pod.Id,
            ClusterId = cluster.Id,
            Status = HostStatus.Creating,
            ResourceState = ResourceState.Enabled,
            Version = startup.Version,
            HypervisorType = startup.HypervisorType,
            CpuArch = startup.CpuArch,
            HostTags = "",
            BootId = "",
            Created = now,
        };
        database.Add(host);
        await database.SaveChangesAsync(cancellationToken);
        database.Add(new HostCapacity
        {
            HostId = host.Id,
            DataCenterId = zone.Id,
            PodId = pod.Id,
            ClusterId = cluster.Id,
            CapacityState = CapacityState.Disabled,
            PlacementClass = emptyPlacementClass,
        });
        events.Record(
            EventTypes.HostAdd, EventState.Completed, $"host {startup.Name} announced itself", Caller.Admin,
            resourceType: nameof(Host), resourceId: host.Id);
        await database.SaveChangesAsync(cancellationToken);
        return host;
    }

    private async Task<T> EnsureAsync<T>(IQueryable<T> existing, Func<T> create, CancellationToken cancellationToken) where T : class
    {
        if (await existing.SingleOrDefaultAsync(cancellationToken) is { } row) return row;
        var made = create();
        database.Add(made);
        await database.SaveChangesAsync(cancellationToken);
        return made;
    }
}
