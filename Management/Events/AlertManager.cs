using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;

namespace PciBus.Management.Events;

/// <summary>Raises alerts, once per cause, and resolves them when the cause is gone.</summary>
internal sealed class AlertManager(PciBusDbContext database, TimeProvider time)
{
    private const int MostOfAType = 100;
    private const int LongestText = 1000;

    private static readonly CompiledList<long, Alert> StandingOf = new((database, hostId) =>
        database.Set<Alert>().Where(alert => alert.HostId == hostId && alert.Resolved == null));

    /// <summary>The standing alerts of the hosts that this transaction has looked at.</summary>
    private readonly Dictionary<long, List<Alert>> _standing = [];

    /// <summary>A text from outside, so that it can be shown: cut off, and without characters that cannot be printed.</summary>
    public static string Printable(string text, int longest = LongestText) =>
        string.Concat((text.Length > longest ? text[..longest] : text).Select(letter => char.IsControl(letter) ? '?' : letter));

    /// <summary>Raises an alert unless the same one stands already.</summary>
    public async Task RaiseAsync(
        AlertType type, string subject, string body, long? hostId, long? vmId, CancellationToken cancellationToken)
    {
        if (await database.Set<Alert>().AnyAsync(
            alert =>
                alert.HostId == hostId && alert.VmId == vmId && alert.Type == type && alert.Subject == subject && alert.Resolved == null,
            cancellationToken)) return;
        var raised = Add(type, subject, body, hostId, vmId);
        if (hostId is { } about && _standing.TryGetValue(about, out var standing)) standing.Add(raised);
    }

    /// <summary>
    /// Raises an alert about no host, with words of a sender who may say anything, any number of times: only so many of a type stand, and
    /// what cannot be printed is left out.
    /// </summary>
    public async Task RaiseBoundedAsync(AlertType type, string subject, string body, CancellationToken cancellationToken)
    {
        var standing = await database.Set<Alert>()
            .CountAsync(alert => alert.HostId == null && alert.Resolved == null && alert.Type == type, cancellationToken);
        if (standing >= MostOfAType)
        {
            (subject, body) = ($"There is more of {type} than {MostOfAType} alerts", "Management's log has all of it.");
        }
        await RaiseAsync(type, Printable(subject), Printable(body), null, null, cancellationToken);
    }

    /// <summary>Resolves alerts that are about no known host, if they stand.</summary>
    public Task ResolveAsync(AlertType type, IReadOnlyCollection<string> subjects, CancellationToken cancellationToken) => EndAsync(
        alert => alert.HostId == null && alert.Resolved == null && alert.Type == type && subjects.Contains(alert.Subject),
        cancellationToken);

    /// <summary>Ends the alerts of a type about a virtual machine and a host, if they stand.</summary>
    public async Task EndAsync(AlertType type, long hostId, long vmId, CancellationToken cancellationToken) =>
        End((await StandingAsync(hostId, cancellationToken)).Where(alert => alert.Type == type && alert.VmId == vmId));

    /// <summary>Ends the alerts of a type about a virtual machine and no host, if they stand.</summary>
    public Task EndAsync(AlertType type, long vmId, CancellationToken cancellationToken) => EndAsync(
        alert => alert.HostId == null && alert.Resolved == null && alert.Type == type && alert.VmId == vmId, cancellationToken);

    /// <summary>Ends all alerts that stand about a host: it is deleted.</summary>
    public async Task EndAllAsync(long hostId, CancellationToken cancellationToken) => End(await StandingAsync(hostId, cancellationToken));

    /// <summary>Ends all alerts that stand about a virtual machine, on whichever host: it is expunged.</summary>
    public Task EndAllOfVmAsync(long vmId, CancellationToken cancellationToken) =>
        EndAsync(alert => alert.Resolved == null && alert.VmId == vmId, cancellationToken);

    /// <summary>Makes the standing alerts of a type about a host exactly these: new ones are raised, gone ones resolved.</summary>
    /// <param name="standing">Subject and body of each.</param>
    public Task SyncAsync(
        AlertType type, long hostId, IReadOnlyCollection<(string Subject, string Body)> standing, CancellationToken cancellationToken) =>
        SyncAsync(type, hostId, standing, [], cancellationToken);

    /// <inheritdoc cref="SyncAsync(AlertType, long, IReadOnlyCollection{ValueTuple{string, string}}, CancellationToken)"/>
    /// <param name="undecided">Subjects of alerts that stay if they stand, and are not raised if they do not.</param>
    public async Task SyncAsync(
        AlertType type, long hostId, IReadOnlyCollection<(string Subject, string Body)> standing, IReadOnlyCollection<string> undecided,
        CancellationToken cancellationToken)
    {
        var all = await StandingAsync(hostId, cancellationToken);
        var known = all.Where(alert => alert.Type == type && alert.Resolved is null).ToList();
        End(known.Where(alert => standing.All(one => one.Subject != alert.Subject) && !undecided.Contains(alert.Subject)));
        foreach (var (subject, body) in standing.Where(one => known.All(alert => alert.Subject != one.Subject)))
        {
            all.Add(Add(type, subject, body, hostId, null));
        }
    }

    /// <summary>How many alerts stand, by type.</summary>
    public Task<Dictionary<AlertType, int>> CountStandingAsync(CancellationToken cancellationToken) => database.Set<Alert>()
        .Where(alert => alert.Resolved == null)
        .GroupBy(alert => alert.Type)
        .Select(type => new { type.Key, Count = type.Count() })
        .ToDictionaryAsync(type => type.Key, type => type.Count, cancellationToken);

    private async Task<List<Alert>> StandingAsync(long hostId, CancellationToken cancellationToken)
    {
        if (_standing.TryGetValue(hostId, out var all)) return all;
        return _standing[hostId] = await StandingOf.ReadAsync(database, hostId, cancellationToken);
    }

    private Task<int> EndAsync(Expression<Func<Alert, bool>> which, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return database.Set<Alert>().Where(which)
            .ExecuteUpdateAsync(set => set.SetProperty(alert => alert.Resolved, now), cancellationToken);
    }

    private void End(IEnumerable<Alert> alerts)
    {
        foreach (var alert in alerts) alert.Resolved ??= time.GetUtcNow();
    }

    private Alert Add(AlertType type, string subject, string body, long? hostId, long? vmId) => database.Add(new Alert
    {
        Uuid = Guid.NewGuid(),
        Type = type,
        Subject = subject,
        Body = body,
        HostId = hostId,
        VmId = vmId,
        Created = time.GetUtcNow(),
    }).Entity;
}
