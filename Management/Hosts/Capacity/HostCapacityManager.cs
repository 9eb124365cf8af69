using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Hosts.Capacity;

/// <summary>Writes what hosts have to give, and what of their CPU and RAM is taken and given back.</summary>
internal sealed class HostCapacityManager(PciBusDbContext database, HostReportManager reports, HostOptions options)
{
    /// <summary>
    /// Writes what a host has to give, and whether it gives any now, where claims see it: with every change of the host. The write locks
    /// the host's capacity row.
    /// </summary>
    public async Task OfferAsync(Host host, CancellationToken cancellationToken)
    {
        host.UpdateCount++;
        var cpu = (long)(host.Cpus * host.Speed * options.CpuOverprovisioningFactor);
        var ram = host.Ram - host.Dom0Memory;
        await database.Database.ExecuteSqlAsync(
            $"""
            UPDATE op_host_capacity
            SET capacity_state = {nameof(CapacityState.Disabled)}, cpu_total = {cpu}, ram_total = {ram}, update_count = update_count + 1
            WHERE host_id = {host.Id}
            """,
            cancellationToken);
        if (host is not { Status: HostStatus.Up, ResourceState: ResourceState.Enabled, ReportSequence: > 0, Removed: null }) return;
        // Read under the lock: an operator who closes the host's zone, pod or cluster at this moment waits for it, or is seen here.
        await database.Database.ExecuteSqlAsync(
            $"""
            UPDATE op_host_capacity SET capacity_state = {nameof(CapacityState.Enabled)}
            WHERE host_id = {host.Id} AND EXISTS (
                SELECT 1 FROM cluster
                JOIN host_pod_ref ON host_pod_ref.id = cluster.pod_id
                JOIN data_center ON data_center.id = cluster.data_center_id
                WHERE cluster.id = op_host_capacity.cluster_id
                  AND cluster.allocation_state = {nameof(AllocationState.Enabled)}
                  AND host_pod_ref.allocation_state = {nameof(AllocationState.Enabled)}
                  AND data_center.allocation_state = {nameof(AllocationState.Enabled)})
            """,
            cancellationToken);
    }

    /// <summary>
    /// The first write of every claim on a host. The claim waits here for its turn, and sees whether the host still takes any, in that
    /// zone. The three updates of a claim are written out, because translating one from LINQ takes longer than executing it.
    /// </summary>
    public async Task<Refusal?> TakeAsync(long vmId, long zoneId, long hostId, long cpu, long ram, CancellationToken cancellationToken)
    {
        var rows = await database.Database.ExecuteSqlAsync(
            $"""
            UPDATE op_host_capacity
            SET cpu_used = cpu_used + {cpu}, ram_used = ram_used + {ram}, report_hash = NULL, update_count = update_count + 1
            WHERE host_id = {hostId} AND data_center_id = {zoneId} AND capacity_state = {nameof(CapacityState.Enabled)}
              AND cpu_free >= {cpu} AND ram_free >= {ram}
            """,
            cancellationToken);
        if (rows != 1) return Refusal.Race("its CPU and RAM were taken, or it was disabled or moved, at the same time", hostId);
        reports.LooksAnew(hostId);
        database.Add(new HostCapacityOfVm { VmId = vmId, HostId = hostId, Cpu = cpu, Ram = ram });
        return null;
    }

    /// <summary>Gives back what a virtual machine has taken of a host, if anything. Either way the capacity row is locked.</summary>
    public async Task GiveBackAsync(long vmId, long hostId, CancellationToken cancellationToken)
    {
        // The first write here too, even when nothing is given back: the devices of the host come next.
        await reports.LookAnewAsync(hostId, cancellationToken);
        var taken = await database.Set<HostCapacityOfVm>().AsNoTracking()
            .SingleOrDefaultAsync(row => row.VmId == vmId && row.HostId == hostId, cancellationToken);
        if (taken is null) return;
        var rows = await database.Set<HostCapacityOfVm>()
            .Where(row => row.VmId == vmId && row.HostId == hostId)
            .ExecuteDeleteAsync(cancellationToken);
        if (rows != 1) return;
        await database.Set<HostCapacity>()
            .Where(host => host.HostId == hostId)
            .ExecuteUpdateAsync(
                set => set.SetProperty(host => host.CpuUsed, host => host.CpuUsed - taken.Cpu)
                    .SetProperty(host => host.RamUsed, host => host.RamUsed - taken.Ram),
                cancellationToken);
    }
}
