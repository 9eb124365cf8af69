using Microsoft.EntityFrameworkCore;
using PciBus.Contracts.Startup;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Hosts;

/// <summary>
/// Compares where the records have a host with where its agent says that it is. A host with something on it stays: its virtual machines
/// were placed by where it was. It is moved when nothing runs or is claimed there.
/// </summary>
internal sealed class HostPlaceManager(
    PciBusDbContext database,
    PlaceManager places,
    HostCapacityManager capacity,
    IHostRemoval removal,
    AlertManager alerts,
    EventManager events,
    HostOptions options)
{
    /// <summary>The cluster that the agent of a new host names, which is made when it is not there.</summary>
    public Task<Cluster> ClusterOfAsync(StartupRoutingCommand startup, CancellationToken cancellationToken) =>
        places.EnsureClusterAsync(PlaceOf(startup), startup.HypervisorType, cancellationToken);

    /// <summary>Notes where the agent of a known host says that it is.</summary>
    public async Task NoteAsync(Host host, StartupRoutingCommand startup, CancellationToken cancellationToken)
    {
        var here = await places.PlaceOfAsync(host.ClusterId, cancellationToken);
        var there = PlaceOf(startup);
        host.AnnouncedClusterId = null;
        if (here == there)
        {
            await alerts.SyncAsync(AlertType.HostPlace, host.Id, [], cancellationToken);
            return;
        }

        // Where hosts join, an operator says which clusters there are.
        var cluster = options.Admission == HostAdmission.Open
            ? await ClusterOfAsync(startup, cancellationToken)
            : await places.FindClusterAsync(there, cancellationToken);
        host.AnnouncedClusterId = cluster?.Id;
        if (cluster is null)
        {
            const string remedy = "createHostJoinToken with these names makes the cluster, and reconnectHost has the agent say it again";
            await AlertAsync(host, here, $"{there}, which is not there", remedy, cancellationToken);
        }
    }

    /// <summary>
    /// Moves a host to where its agent says that it is, or tells why not. The host's capacity row is locked: no claim comes between.
    /// </summary>
    /// <param name="host">A host that has just reported.</param>
    /// <param name="isFree">By its report, and by what workflows wait for, the host has nothing of virtual machines.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Whether the host stays because it is used. When that ends, its next report is compared anew.</returns>
    public async Task<bool> FollowAsync(Host host, bool isFree, CancellationToken cancellationToken)
    {
        if (host.AnnouncedClusterId is not { } clusterId) return false;
        var here = await places.PlaceOfAsync(host.ClusterId, cancellationToken);
        var there = await places.PlaceOfAsync(clusterId, cancellationToken);
        var isUsed = await removal.IsUsedAsync(host.Id, cancellationToken);
        if (!isFree || isUsed)
        {
            await AlertAsync(
                host,
                here,
                $"{there}",
                "It stays where it is as long as something runs or is claimed there, and is moved afterwards",
                cancellationToken);
            return isUsed;
        }

        var cluster = await database.RowAsync<Cluster>(clusterId, cancellationToken);
        (host.DataCenterId, host.PodId, host.ClusterId, host.AnnouncedClusterId) = (cluster.DataCenterId, cluster.PodId, cluster.Id, null);
        await database.Database.ExecuteSqlAsync(
            $"""
            UPDATE op_host_capacity
            SET data_center_id = {cluster.DataCenterId}, pod_id = {cluster.PodId}, cluster_id = {cluster.Id}
            WHERE host_id = {host.Id}
            """,
            cancellationToken);
        await capacity.OfferAsync(host, cancellationToken);
        await alerts.SyncAsync(AlertType.HostPlace, host.Id, [], cancellationToken);
        events.Record(
            EventTypes.HostUpdate, $"host {host.Name} was moved from {here} to {there}, as its agent.properties say", Caller.Admin,
            nameof(Host), host.Id);
        return false;
    }

    private static Place PlaceOf(StartupRoutingCommand startup) => new(startup.DataCenter, startup.Pod, startup.Cluster);

    private Task AlertAsync(Host host, Place here, string there, string why, CancellationToken cancellationToken) => alerts.SyncAsync(
        AlertType.HostPlace,
        host.Id,
        [($"{host.Name} says that it is in {there}, and management has it in {here}",
            $"{why}. If it is where management has it, put its agent.properties right, and start its agent again.")],
        cancellationToken);
}
