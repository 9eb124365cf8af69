using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.Hosts.Fencing;

/// <summary>Fences hosts that are not heard, each with the command that is configured for it.</summary>
internal sealed partial class FencingJob(
    DatabaseTransactions transactions,
    IFencingCommand command,
    HostSilence silence,
    HeardHosts heard,
    HostOptions options,
    ILogger<FencingJob> logger) : IReconciliationJob
{
    public static ReconciliationJob About { get; } = new(
        typeof(FencingJob), "host.fencing", "Fences hosts that are not heard, where a fencing command is configured",
        TimeSpan.FromSeconds(5), "how often hosts that are to be fenced are looked for");

    /// <summary>Fences the hosts that are due, and waits until all commands have ended.</summary>
    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        if (!options.Fencing.IsConfigured || !silence.Counts) return null;
        var attempts = await transactions.RunAsync((HostFencingManager hosts) => hosts.TakeAsync(cancellationToken), cancellationToken);
        await Task.WhenAll(attempts.Select(attempt => FenceAsync(attempt, cancellationToken)));
        return attempts.Count > 0 ? $"fencing commands run: {attempts.Count}" : null;
    }

    private async Task FenceAsync(FencingAttempt attempt, CancellationToken cancellationToken)
    {
        LogBegun(attempt.HostName, attempt.Session);
        var failure = await command.RunAsync(attempt, options.Fencing.Timeout, cancellationToken);
        if (failure is not null) LogFailed(attempt.HostName, failure.What, failure.Said ?? "It said nothing");
        // First other servers write down what they have heard of the host since.
        else await heard.WriteAllAsync(cancellationToken);
        var refusal = await transactions.RunAsync(
            (HostFencingManager hosts) =>
                hosts.EndAsync(attempt, failure, cancellationToken), refused => refused is null, cancellationToken);
        if (refusal is not null) LogRefused(attempt.HostName, refusal.Text);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{HostName} is not heard since session {Session}: its fencing command is run")]
    private partial void LogBegun(string hostName, long session);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{HostName} could not be fenced: {What}. {Said}")]
    private partial void LogFailed(string hostName, string what, string said);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{HostName} was fenced, and is not down: {Why}")]
    private partial void LogRefused(string hostName, string why);
}
