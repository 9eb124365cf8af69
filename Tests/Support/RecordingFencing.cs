using System.Collections.Concurrent;
using PciBus.Management.Hosts.Fencing;

namespace PciBus.Tests.Support;

/// <summary>Writes down who is fenced, and answers what a test wants.</summary>
internal sealed class RecordingFencing : IFencingCommand
{
    private readonly ConcurrentQueue<FencingAttempt> _attempts = new();

    public IReadOnlyList<FencingAttempt> Attempts => [.. _attempts];

    /// <summary>What comes of it, and what happens meanwhile. Default: the host is fenced.</summary>
    public Func<FencingAttempt, Task<FencingFailure?>> Answer { get; set; } = _ => Task.FromResult<FencingFailure?>(null);

    public Task<FencingFailure?> RunAsync(FencingAttempt attempt, TimeSpan timeout, CancellationToken cancellationToken)
    {
        _attempts.Enqueue(attempt);
        return Answer(attempt);
    }
}
