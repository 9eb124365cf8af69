using Microsoft.EntityFrameworkCore;
using PciBus.Contracts.Startup;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Management.Upkeep;

namespace PciBus.Management.Hosts;

/// <summary>Keeps hosts, and the zones, pods and clusters that come into being with them.</summary>
internal sealed class HostManager(
    PciBusDbContext database,
    EventManager events,
    AlertManager alerts,
    HostReconnectManager reconnects,
    HostOptions options,
    ReconciliationOptions reconciliation,
    TimeProvider time)
{
    /// <summary>The host with a guid; null for none, or one that was deleted.</summary>
    public static readonly CompiledQuery<Func<PciBusDbContext, string, CancellationToken, Task<Host?>>> ByGuid = new(() => EF.CompileAsyncQuery(
        (PciBusDbContext database, string guid, CancellationToken _) =>
            database.Set<Host>().SingleOrDefault(host => host.Guid == guid && host.Removed == null)));

    private const int LongestDetail = 200;

    private static readonly CompiledQuery<Func<PciBusDbContext, string, string, string, CancellationToken, Task<Cluster?>>> ClusterByNames =
        new(() => EF.CompileAsyncQuery((PciBusDbContext database, string zone, string pod, string cluster, CancellationToken _) => database.Set<Cluster>()
            .SingleOrDefault(row => row.Name == cluster
                && database.Set<Pod>().Any(one => one.Id == row.PodId && one.Name == pod)
                && database.Set<Zone>().Any(one => one.Id == row.DataCenterId && one.Name == zone))));

    private static readonly CompiledQuery<Func<PciBusDbContext, string, CancellationToken, Task<long?>>> LastSession = new(() => EF.CompileAsyncQuery(
        (PciBusDbContext database, string guid, CancellationToken _) =>
            database.Set<Host>().Where(host => host.Guid == guid).Max(host => (long?)host.Session)));

    /// <summary>The alert about somebody who is no host.</summary>
    public static string HasNotJoined(string name) => $"{name} announced itself, and no such host has joined";

    /// <summary>The host with a guid; null for none, or one that was deleted.</summary>
    public Task<Host?> FindAsync(string guid, CancellationToken cancellationToken) => ByGuid.On(database)(database, guid, cancellationToken);

    /// <summary>The highest session that any host with a guid ever had, deleted ones too; null when there was none.</summary>
    public Task<long?> LastSessionAsync(string guid, CancellationToken cancellationToken) => LastSession.On(database)(database, guid, cancellationToken);

    /// <summary>Begins a session of a host, which is Connecting until its report is stored.</summary>
    /// <param name="host">The row with its guid; null = there is none.</param>
    /// <returns>Null when it is not known, and only hosts that joined are let in.</returns>
    public async Task<Host?> ConnectAsync(Host? host, StartupRoutingCommand startup, string emptyPlacementClass, CancellationToken cancellationToken)
    {
        if (host is null)
        {
            if (options.Admission == HostAdmission.Joined) return null;
            var cluster = await EnsureClusterAsync(startup.DataCenter, startup.Pod, startup.Cluster, startup.HypervisorType, cancellationToken);
            host = await AddAsync(startup.Guid, startup.Name, cluster, emptyPlacementClass, "announced itself", cancellationToken);
            await alerts.ResolveAsync(AlertType.HostRefused, [HasNotJoined(startup.Name)], cancellationToken);
        }

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
        (host.ReportSequence, host.FarewellSequence) = (0, null);
        host.LastPing = time.GetUtcNow();
        await MoveAsync(host, HostEvent.AgentConnected, cancellationToken);
        await reconnects.EndAsync(host.Id, cancellationToken);
        return host;
    }

    /// <summary>The agent said farewell, and why.</summary>
    public async Task LeaveAsync(Host host, ShutdownCommand farewell, CancellationToken cancellationToken)
    {
        var before = host.Status;
        await MoveAsync(host, HostEvent.ShutdownRequested, cancellationToken);
        if (host.Status == before) return;
        var reason = farewell.Reason switch
        {
            ShutdownCommand.SigKill => "its service was stopped",
            ShutdownCommand.Update => "it is being updated",
            _ => "it does not say why",
        };
        var detail = farewell.Detail is { Length: > LongestDetail } text ? text[..LongestDetail] : farewell.Detail;
        events.Record(
            EventTypes.HostDisconnect,
            EventState.Completed,
            $"the agent of host {host.Name} said good-bye: {reason}{(string.IsNullOrEmpty(detail) ? "" : $" ({detail})")}",
            Caller.Admin,
            resourceType: nameof(Host),
            resourceId: host.Id);
    }

    /// <summary>Moves a host's status by CloudStack's table; an event that has no place in it changes nothing.</summary>
    public async Task MoveAsync(Host host, HostEvent @event, CancellationToken cancellationToken)
    {
        if (!HostStateMachine.TryNext(host.Status, @event, out var next)) return;
        if (next is HostStatus.Disconnected or HostStatus.Alert or HostStatus.Down) host.Disconnected ??= time.GetUtcNow();
        if (next == HostStatus.Down) host.DeclaredDown = time.GetUtcNow();
        // A host that left in good order, and has not come back, may run what it ran: nobody has lost it.
        if (next == HostStatus.Alert && host.Status != HostStatus.Alert) host.FenceAt = @event == HostEvent.WaitedTooLong ? null : FenceAt(host);
        if (next == HostStatus.Up) (host.Disconnected, host.DeclaredDown) = (null, null);
        host.Status = next;
        await WriteCapacityAsync(host, cancellationToken);
        if (next is HostStatus.Alert or HostStatus.Down or HostStatus.Up or HostStatus.Removed) await AlertIfAwayAsync(host, cancellationToken);
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
        if (next == ResourceState.Enabled) await alerts.SyncAsync(AlertType.HostReturned, host.Id, [], cancellationToken);
        if (next is ResourceState.Enabled or ResourceState.Disabled or ResourceState.Maintenance)
        {
            await alerts.SyncAsync(AlertType.MaintenanceFailed, host.Id, [], cancellationToken);
        }

        return null;
    }

    /// <summary>Takes a host out, with the alerts about it. Nothing is claimed there from now on.</summary>
    public async Task RemoveAsync(Host host, CancellationToken cancellationToken)
    {
        host.Removed = time.GetUtcNow();
        // The machine may become another host.
        host.Machine = null;
        await MoveAsync(host, ResourceEvent.DeleteHost, cancellationToken);
        await MoveAsync(host, HostEvent.Remove, cancellationToken);
        await alerts.EndAllAsync(host.Id, cancellationToken);
    }

    /// <summary>Every change of a host is written to its capacity row as well, where claims see it. The row is locked by it.</summary>
    public async Task WriteCapacityAsync(Host host, CancellationToken cancellationToken)
    {
        host.UpdateCount++;
        var state = host is { Status: HostStatus.Up, ResourceState: ResourceState.Enabled, ReportSequence: > 0, Removed: null }
            ? CapacityState.Enabled
            : CapacityState.Disabled;
        var cpu = (long)(host.Cpus * host.Speed * options.CpuOverprovisioningFactor);
        var ram = host.Ram - host.Dom0Memory;
        await database.Database.ExecuteSqlAsync(
            $"""
            UPDATE op_host_capacity
            SET capacity_state = {state.ToString()}, cpu_total = {cpu}, ram_total = {ram}, update_count = update_count + 1
            WHERE host_id = {host.Id}
            """,
            cancellationToken);
    }

    /// <summary>
    /// A ping interval of grace. A host whose queue is gone is in Alert at once, and is given the time of one that is silent: its
    /// agent may be on its way back. And a command that runs yet from the last time has its time.
    /// </summary>
    private DateTimeOffset FenceAt(Host host)
    {
        var grace = time.GetUtcNow() + options.PingInterval;
        var silent = (host.LastPing ?? host.Created) + reconciliation.HostLiveness + (options.PingInterval * (double)(options.PingTimeout + 2));
        return new[] { grace, silent, host.FenceAt ?? grace }.Max();
    }

    private async Task AlertIfAwayAsync(Host host, CancellationToken cancellationToken)
    {
        if (host.Status != HostStatus.Alert) await alerts.SyncAsync(AlertType.FencingFailed, host.Id, [], cancellationToken);
        // Whatever ran there is off.
        if (host.Status == HostStatus.Down) await alerts.SyncAsync(AlertType.VirtualMachineUnsettled, host.Id, [], cancellationToken);
        await alerts.SyncAsync(AlertType.HostAway, host.Id, Away(host), cancellationToken);
    }

    private static (string Subject, string Body)[] Away(Host host) =>
        host.Status switch
        {
            HostStatus.Alert => [($"{host.Name} is not heard", "Its virtual machines may run. If it is off for certain, declareHostDown says so.")],
            HostStatus.Down => [($"{host.Name} was declared down", "What virtual machines have there is theirs until the host says that they are off.")],
            _ => [],
        };

    /// <summary>The cluster of these names; null when there is none.</summary>
    public Task<Cluster?> FindClusterAsync(string zone, string pod, string cluster, CancellationToken cancellationToken) =>
        ClusterByNames.On(database)(database, zone, pod, cluster, cancellationToken);

    /// <summary>The cluster of these names, which is made with its zone and pod when it is not there.</summary>
    public async Task<Cluster> EnsureClusterAsync(string zone, string pod, string cluster, string hypervisorType, CancellationToken cancellationToken) =>
        await FindClusterAsync(zone, pod, cluster, cancellationToken)
            ?? await CreateClusterAsync(zone, pod, cluster, hypervisorType, cancellationToken);

    /// <summary>Makes a host of which nothing else is known yet.</summary>
    /// <param name="how">What it did to become one, for its event.</param>
    public async Task<Host> AddAsync(
        string guid, string name, Cluster cluster, string emptyPlacementClass, string how, CancellationToken cancellationToken)
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
            // One that was deleted may have messages under way yet.
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
            PlacementClass = emptyPlacementClass,
        });
        events.Record(
            EventTypes.HostAdd, EventState.Completed, $"host {name} {how}", Caller.Admin,
            resourceType: nameof(Host), resourceId: host.Id);
        await database.SaveChangesAsync(cancellationToken);
        return host;
    }

    private async Task<Cluster> CreateClusterAsync(
        string zoneName, string podName, string clusterName, string hypervisorType, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var zone = await EnsureAsync(
            database.Set<Zone>().Where(row => row.Name == zoneName),
            () => new Zone { Uuid = Guid.NewGuid(), Name = zoneName, Created = now },
            cancellationToken);
        var pod = await EnsureAsync(
            database.Set<Pod>().Where(row => row.DataCenterId == zone.Id && row.Name == podName),
            () => new Pod { Uuid = Guid.NewGuid(), Name = podName, DataCenterId = zone.Id, Created = now },
            cancellationToken);
        return await EnsureAsync(
            database.Set<Cluster>().Where(row => row.PodId == pod.Id && row.Name == clusterName),
            () => new Cluster
            {
                Uuid = Guid.NewGuid(),
                Name = clusterName,
                PodId = pod.Id,
                DataCenterId = zone.Id,
                HypervisorType = hypervisorType,
                Created = now,
            },
            cancellationToken);
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
