using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api.VirtualMachines;

/// <summary>A host that the caller wants; what the planner checks is left to it.</summary>
internal static class HostChoice
{
    /// <exception cref="ApiException">The host cannot be meant.</exception>
    public static async Task ValidateAsync(PciBusDbContext database, long? hostId, long zoneId, CancellationToken cancellationToken)
    {
        if (hostId is null) return;
        var host = await database.Set<Host>().AsNoTracking().SingleAsync(row => row.Id == hostId, cancellationToken);
        if (host.Removed is not null) throw ApiException.InvalidParameter($"The host {host.Name} was deleted");
        if (host.DataCenterId != zoneId) throw ApiException.InvalidParameter($"The host {host.Name} is in another zone");
    }
}
