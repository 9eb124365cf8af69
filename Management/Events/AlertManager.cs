using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;

namespace PciBus.Management.Events;

/// <summary>Raises alerts, once per cause, and resolves them when the cause is gone.</summary>
internal sealed class AlertManager(PciBusDbContext database, TimeProvider time)
{
    /// <summary>Raises an alert unless the same one stands already.</summary>
    public async Task RaiseAsync(
        AlertType type, string subject, string body, long? hostId, long? vmId, CancellationToken cancellationToken)
    {
        if (await database.Set<Alert>().AnyAsync(
            alert => alert.HostId == hostId && alert.Type == type && alert.Subject == subject && alert.Resolved == null,
            cancellationToken)) return;
        Add(type, subject, body, hostId, vmId);
    }

    /// <summary>Makes the standing alerts of a type about a host exactly these: new ones are raised, gone ones resolved.</summary>
    /// <param name="standing">Subject and body of each.</param>
    public async Task SyncAsync(
        AlertType type, long hostId, IReadOnlyCollection<(string Subject, string Body)> standing, CancellationToken cancellationToken)
    {
        var known = await database.Set<Alert>()
            .Where(alert => alert.HostId == hostId && alert.Type == type && alert.Resolved == null)
            .ToListAsync(cancellationToken);
        foreach (var alert in known.Where(alert => standing.All(one => one.Subject != alert.Subject))) alert.Resolved = time.GetUtcNow();
        foreach (var (subject, body) in standing.Where(one => known.All(alert => alert.Subject != one.Subject)))
        {
            Add(type, subject, body, hostId, null);
        }
    }

    private void Add(AlertType type, string subject, string body, long? hostId, long? vmId) => database.Add(new Alert
    {
        Uuid = Guid.NewGuid(),
        Type = type,
        Subject = subject,
        Body = body,
        HostId = hostId,
        VmId = vmId,
        Created = time.GetUtcNow(),
    });
}
