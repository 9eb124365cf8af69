using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;

namespace PciBus.Management.Events;

/// <summary>
/// Puts alerts aside, or deletes them, for an operator. They stand no more: the next alert of their subject is raised, even when the cause
/// has lasted and is only looked at again.
/// </summary>
internal sealed class AlertArchiveManager(PciBusDbContext database, TimeProvider time)
{
    /// <summary>Ends alerts; they are kept like alerts whose cause went away.</summary>
    public async Task<Refusal?> ArchiveAsync(AlertChoice choice, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await WhyNotAsync(choice, now, "archive", cancellationToken) is { } refusal) return refusal;
        await Chosen(choice, now).Where(alert => alert.Resolved == null)
            .ExecuteUpdateAsync(set => set.SetProperty(alert => alert.Resolved, now), cancellationToken);
        return null;
    }

    /// <summary>Deletes alerts, whether they stand or not.</summary>
    public async Task<Refusal?> DeleteAsync(AlertChoice choice, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await WhyNotAsync(choice, now, "delete", cancellationToken) is { } refusal) return refusal;
        await Chosen(choice, now).ExecuteDeleteAsync(cancellationToken);
        return null;
    }

    /// <summary>CloudStack's answer when one of the ids does not fit the rest.</summary>
    private async Task<Refusal?> WhyNotAsync(AlertChoice choice, DateTimeOffset now, string what, CancellationToken cancellationToken) =>
        choice.Ids is { } ids && await Chosen(choice, now).CountAsync(cancellationToken) < ids.Distinct().Count()
            ? new Refusal(RefusalCause.OperationFailed, $"Unable to {what} Alerts, one or more parameters has invalid values")
            : null;

    private IQueryable<Alert> Chosen(AlertChoice choice, DateTimeOffset now)
    {
        var until = choice.Until ?? now;
        var alerts = database.Set<Alert>().Where(alert => alert.Created <= until);
        if (choice.Ids is { } ids) alerts = alerts.Where(alert => ids.Contains(alert.Id));
        if (choice.Type is { } type) alerts = alerts.Where(alert => alert.Type == type);
        if (choice.From is { } from) alerts = alerts.Where(alert => alert.Created >= from);
        return alerts;
    }
}

/// <summary>Which alerts an operator means: those that fit all of this.</summary>
/// <param name="Ids">Null = all; else each of them must fit the rest.</param>
/// <param name="Type">Null = all.</param>
/// <param name="From">Raised then or later; null = ever.</param>
/// <param name="Until">Raised then or earlier; null = until now.</param>
internal sealed record AlertChoice(IReadOnlyList<long>? Ids, AlertType? Type, DateTimeOffset? From, DateTimeOffset? Until);
