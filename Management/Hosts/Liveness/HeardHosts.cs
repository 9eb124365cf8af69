using PciBus.Management.Persistence;

namespace PciBus.Management.Hosts.Liveness;

/// <summary>Writes down which hosts were heard, and waits until all servers have.</summary>
internal sealed partial class HeardHosts(
    DatabaseTransactions transactions, HostLiveness liveness, HostSilence silence, TimeProvider time, ILogger<HeardHosts> logger)
{
    /// <summary>
    /// A server that writes nothing for so long is not waited for: it is dead, or cannot reach the database, and nobody will learn what it
    /// heard.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <returns>How many hosts were heard since the last time.</returns>
    public async Task<int> WriteAsync(CancellationToken cancellationToken)
    {
        var heard = liveness.Heard();
        var written = await transactions.RunAsync(
            (HeardHostsManager hosts) => hosts.WriteAsync([.. heard.Keys], cancellationToken), cancellationToken);
        // Forgotten only after the commit: until then the hosts are still to be written down.
        liveness.Forget(heard);
        if (silence.ClockWasSet)
        {
            await transactions.RunAsync((HeardHostsManager hosts) => hosts.TakeBackAsync(cancellationToken), cancellationToken);
        }
        silence.NoteWriting();
        return written;
    }

    /// <summary>Waits until every server that runs has written down what it has heard until now.</summary>
    public async Task WriteAllAsync(CancellationToken cancellationToken)
    {
        var before = await OthersAsync(cancellationToken);
        await WriteAsync(cancellationToken);
        var moved = time.GetTimestamp();
        var seen = before;
        while (true)
        {
            var now = await OthersAsync(cancellationToken);
            // The next writing may have begun before now; the writing after it has not.
            var behind = before.Where(server => now.TryGetValue(server.Key, out var writings) && writings < server.Value + 2)
                .ToDictionary();
            if (behind.Count == 0) return;
            if (behind.Any(server => now[server.Key] != seen.GetValueOrDefault(server.Key))) moved = time.GetTimestamp();
            else if (time.GetElapsedTime(moved) >= Patience)
            {
                await ForgetAsync(behind.Keys.ToDictionary(runId => runId, runId => now[runId]), cancellationToken);
                return;
            }

            seen = now;
            await Task.Delay(Look, time, cancellationToken);
        }
    }

    private Task<IReadOnlyDictionary<string, long>> OthersAsync(CancellationToken cancellationToken) =>
        transactions.RunAsync((HeardHostsManager hosts) => hosts.OthersAsync(cancellationToken), cancellationToken);

    private async Task ForgetAsync(IReadOnlyDictionary<string, long> servers, CancellationToken cancellationToken)
    {
        foreach (var (runId, writings) in servers)
        {
            LogForgotten(runId, Patience.TotalSeconds);
            await transactions.RunAsync(
                (HeardHostsManager hosts) => hosts.ForgetAsync(runId, writings, cancellationToken), cancellationToken);
        }
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "The management server {RunId} has written nothing for {Seconds} s: it is not waited for any more")]
    private partial void LogForgotten(string runId, double seconds);
}
