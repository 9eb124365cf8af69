using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts;

/// <summary>Writes down the last ping of the hosts that were heard, all in one update.</summary>
internal sealed class HostLivenessManager(PciBusDbContext database, HostLiveness liveness, TimeProvider time)
{
    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        var heard = liveness.TakeHeard();
        if (heard.Count == 0) return;
        var now = time.GetUtcNow();
        await database.Set<Host>()
            .Where(host => heard.Contains(host.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(host => host.LastPing, now), cancellationToken);
    }
}
