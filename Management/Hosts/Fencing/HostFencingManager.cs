using Microsoft.EntityFrameworkCore;
using PciBus.Management.Events;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts.Fencing;

/// <summary>Chooses hosts that are to be fenced, and records the outcome. The command itself runs in no transaction.</summary>
internal sealed class HostFencingManager(
    PciBusDbContext database,
    HostAdministrationManager administration,
    HostMachineManager machines,
    AlertManager alerts,
    SilenceLimits limits,
    HostOptions options,
    TimeProvider time)
{
    /// <summary>So many hosts are fenced at once.</summary>
    public const int AtOnce = 10;

    /// <summary>
    /// Takes the hosts that are to be fenced now, each by a compare-and-swap of the time at which it is due: no other server fences the
    /// host before this command has had its time.
    /// </summary>
    public async Task<IReadOnlyList<FencingAttempt>> TakeAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var silent = limits.Silent(now);
        var due = await database.Set<Host>().AsNoTracking()
            // A host that pings stays in Alert while something there is not settled, but it is heard.
            .Where(host => host.Status == HostStatus.Alert && host.FenceAt <= now && (host.LastPing == null || host.LastPing <= silent))
            .OrderBy(host => host.FenceAt)
            .Take(AtOnce)
            .ToListAsync(cancellationToken);
        var attempts = new List<FencingAttempt>();
        var tooMany = new Dictionary<long, string?>();
        foreach (var host in due)
        {
            if (!await PostponeAsync(host, now + options.Fencing.Timeout + options.Fencing.RetryInterval, cancellationToken)) continue;
            var command = options.Fencing.For(host);
            // Somebody works on a host that is in maintenance, and no virtual machine is there.
            if (command.IsNone || host.ResourceState == ResourceState.Maintenance) continue;
            var arguments = command.ArgumentsFor(host, out var whyNot);
            if (whyNot is not null)
            {
                await AlertAsync(host.Id, $"{host.Name} cannot be fenced: {whyNot}", "", cancellationToken);
                continue;
            }

            if (await machines.WhyHeardAsync(host, forced: false, cancellationToken) is { } heard)
            {
                await AlertAsync(host.Id, $"{host.Name} is not fenced: its machine may run", $"As it seems, {heard}.", cancellationToken);
                continue;
            }

            if (!tooMany.TryGetValue(host.ClusterId, out var why))
            {
                tooMany[host.ClusterId] = why = await WhyNobodyAsync(host.ClusterId, now, cancellationToken);
            }
            if (why is null)
            {
                attempts.Add(new FencingAttempt(host.Id, host.Name, host.Session, host.LastPing, command.Executable, arguments));
            }
            else
            {
                await AlertAsync(
                    host.Id, $"{host.Name} is not fenced: too many hosts of its cluster are not heard", why, cancellationToken);
            }
        }

        return attempts;
    }

    /// <summary>Declares the host down when the command says that it is off and management has not heard it since.</summary>
    /// <param name="failure">Null when the command says that the host is fenced.</param>
    /// <returns>Why the host is not declared down although it was fenced.</returns>
    public async Task<Refusal?> EndAsync(FencingAttempt attempt, FencingFailure? failure, CancellationToken cancellationToken)
    {
        if (failure is null) return await administration.DeclareFencedAsync(attempt, cancellationToken);
        var host = await database.Set<Host>().AsNoTracking().SingleAsync(row => row.Id == attempt.HostId, cancellationToken);
        if (host.Session != attempt.Session || host.Status != HostStatus.Alert || host.LastPing != attempt.LastPing) return null;
        var again = options.Fencing.RetryInterval;
        if (!await PostponeAsync(host, time.GetUtcNow() + again, cancellationToken)) return null;
        await AlertAsync(
            host.Id,
            $"{host.Name} could not be fenced: {failure.What}",
            $"{(failure.Said is { } said ? $"It said: {said}. " : "")}It is tried again every {again.TotalSeconds} seconds. Nothing is "
            + "given back meanwhile.",
            cancellationToken);
        return null;
    }

    private async Task<bool> PostponeAsync(Host host, DateTimeOffset until, CancellationToken cancellationToken) =>
        await database.Set<Host>()
        .Where(row => row.Id == host.Id && row.Session == host.Session && row.Status == HostStatus.Alert && row.FenceAt == host.FenceAt)
        .Where(row => row.LastPing == host.LastPing)
        .ExecuteUpdateAsync(set => set.SetProperty(row => row.FenceAt, until), cancellationToken) > 0;

    /// <summary>
    /// Hosts die one by one. Many that fall silent together more likely run behind a broken network. Every host that is not heard counts,
    /// whatever the reason: without an operator who looks at it, fencing takes no more than a few hosts of a cluster.
    /// </summary>
    private async Task<string?> WhyNobodyAsync(long clusterId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = limits.Behind(now);
        // A host that was added and has never announced itself has not fallen silent.
        var hosts = database.Set<Host>().Where(
            host => host.ClusterId == clusterId && host.Removed == null && host.Status != HostStatus.Creating);
        var all = await hosts.CountAsync(cancellationToken);
        var silent = all - await hosts.CountAsync(
            host => (host.Status == HostStatus.Up || host.Status == HostStatus.Connecting) && host.LastPing >= since, cancellationToken);
        if (silent <= options.Fencing.Limit && silent * 2 <= all) return null;
        return $"{silent} of {all} are not heard; fencing needs half of them to be heard, and at most {options.Fencing.Limit} not to be "
            + "(fencing.limit). That many are more likely cut off than off. Of a host that is off for certain, declareHostDown says so.";
    }

    private Task AlertAsync(long hostId, string subject, string body, CancellationToken cancellationToken) =>
        alerts.SyncAsync(AlertType.FencingFailed, hostId, [(subject, body)], cancellationToken);
}
