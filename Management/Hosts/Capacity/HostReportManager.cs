using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts.Capacity;

/// <summary>
/// Remembers for each host the report that left nothing to do: the same report again costs one query. A change of anything that reports are
/// compared with has the host's next report compared anew, in the transaction of the change: devices, claims and capacity, where the
/// records have a virtual machine, a workflow that lets go of it or waits for the host to speak, and what was seen to run there.
/// </summary>
internal sealed class HostReportManager(PciBusDbContext database)
{
    /// <summary>Hosts whose row this transaction has changed in this way already.</summary>
    private readonly HashSet<long> _anew = [];

    /// <summary>Has the next report of a host compared anew, even if it is the same. This locks the host's capacity row.</summary>
    public async Task LookAnewAsync(long hostId, CancellationToken cancellationToken)
    {
        if (!_anew.Add(hostId)) return;
        await database.Database.ExecuteSqlAsync(
            $"UPDATE op_host_capacity SET report_hash = NULL, update_count = update_count + 1 WHERE host_id = {hostId}", cancellationToken);
    }

    /// <summary>Says that another write of the capacity row in this transaction has reset the hash with it.</summary>
    public void LooksAnew(long hostId) => _anew.Add(hostId);

    /// <summary>
    /// Remembers a report that left nothing to do, in the transaction that stored it and locked the capacity row before the comparison.
    /// </summary>
    public async Task RememberAsync(long hostId, string hash, CancellationToken cancellationToken)
    {
        _anew.Remove(hostId);
        await database.Database.ExecuteSqlAsync(
            $"UPDATE op_host_capacity SET report_hash = {hash} WHERE host_id = {hostId}", cancellationToken);
    }
}
