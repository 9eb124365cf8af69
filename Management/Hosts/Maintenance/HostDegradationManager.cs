using Microsoft.EntityFrameworkCore;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts.Maintenance;

/// <summary>
/// Takes hosts that an operator does not trust out of planning, and lets them in again. Nothing else changes: what is there stays there, as
/// nobody has said that the host is off.
/// </summary>
internal sealed class HostDegradationManager(PciBusDbContext database, HostStateManager states, AsyncJobManager jobs)
{
    /// <summary>Declares a host degraded; its job ends at once.</summary>
    public Task<(Refusal? Refusal, Guid JobUuid)> DeclareAsync(long hostId, JobRequest request, CancellationToken cancellationToken) =>
        MoveAsync(hostId, ResourceEvent.DeclareHostDegraded, WhyNotDegraded, request, cancellationToken);

    /// <summary>Trusts a degraded host again.</summary>
    public Task<(Refusal? Refusal, Guid JobUuid)> CancelAsync(long hostId, JobRequest request, CancellationToken cancellationToken) =>
        MoveAsync(hostId, ResourceEvent.EnableDegradedHost, WhyNotEnabled, request, cancellationToken);

    private static string? WhyNotDegraded(Host host) =>
        host.ResourceState == ResourceState.Degraded ? $"{host.Name} is Degraded already"
        : host.Status is not (HostStatus.Alert or HostStatus.Disconnected) ? $"{host.Name} is {host.Status}; only a host in Alert or "
            + "Disconnected can be declared degraded"
        : null;

    private static string? WhyNotEnabled(Host host) =>
        host.ResourceState == ResourceState.Degraded ? null : $"{host.Name} is {host.ResourceState}, not Degraded";

    private async Task<(Refusal? Refusal, Guid JobUuid)> MoveAsync(
        long hostId, ResourceEvent @event, Func<Host, string?> whyNot, JobRequest request, CancellationToken cancellationToken)
    {
        var host = await database.Set<Host>().SingleAsync(row => row.Id == hostId, cancellationToken);
        var why = host.Removed is null ? whyNot(host) : $"The host {host.Name} was deleted";
        if (why is not null) return (Refusal.InvalidParameter(why), default);
        if (await states.MoveAsync(host, @event, cancellationToken) is { } refusal) return (refusal, default);
        var job = jobs.Begin(request, JobInstanceType.Host, host.Id);
        await database.SaveChangesAsync(cancellationToken);
        await jobs.EndAsync(job.Id, null, cancellationToken);
        return (null, job.Uuid);
    }
}
