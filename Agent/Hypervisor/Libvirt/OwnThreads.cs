using System.Collections.Concurrent;
using System.Globalization;
using PciBus.Agent.Hypervisor.Libvirt.Native;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// Makes calls that may block for as long as they please, each on a thread of its own: the threads that the agent's other work
/// shares are never held. Whoever waits gives up at a deadline; what the call is in goes on, and nothing after it.
/// </summary>
internal sealed class OwnThreads(TimeProvider timeProvider)
{
    /// <summary>Above it, calls are refused: a hypervisor that hangs shall not take all memory.</summary>
    private const int Most = 256;

    private readonly ConcurrentDictionary<Guid, int> _changing = [];
    private int _running;

    /// <summary>Whether a call that changes this domain has not come back, be it waited for or given up: what it does it may still do.</summary>
    public bool IsChanging(Guid domain) => _changing.GetValueOrDefault(domain) > 0;

    /// <param name="what">The call, for the operator.</param>
    /// <param name="deadline">How long to wait for it.</param>
    /// <param name="changes">The domain that it changes; null for none.</param>
    /// <param name="call">The call. Its token is cancelled when nobody waits for it any more: then it begins no change.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="HypervisorException">It failed, or did not answer within the deadline: then its outcome is not known.</exception>
    public async Task<T> RunAsync<T>(string what, TimeSpan deadline, Guid? changes, Func<CancellationToken, T> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Increment(ref _running) > Most)
        {
            Interlocked.Decrement(ref _running);
            throw NotAnswering($"{Most} calls wait for an answer already, {what} was not begun");
        }

        // Not disposed: the call may look at it for ever.
        var abandoned = new CancellationTokenSource();
        if (changes is { } begun) _changing.AddOrUpdate(begun, 1, (_, count) => count + 1);
        var running = Task.Factory.StartNew(
            () =>
            {
                try
                {
                    abandoned.Token.ThrowIfCancellationRequested();
                    return call(abandoned.Token);
                }
                finally
                {
                    if (changes is { } domain) Ended(domain);
                    Interlocked.Decrement(ref _running);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default);
        try
        {
            return await running.WaitAsync(deadline, timeProvider, cancellationToken);
        }
        catch (TimeoutException)
        {
            await abandoned.CancelAsync();
            throw NotAnswering(string.Create(CultureInfo.InvariantCulture, $"{what} was not answered within {deadline.TotalSeconds} s"));
        }
        catch (OperationCanceledException)
        {
            await abandoned.CancelAsync();
            throw;
        }
    }

    private void Ended(Guid domain)
    {
        // Only one that has come to 0 goes: another call may have begun.
        if (_changing.AddOrUpdate(domain, 0, (_, count) => count - 1) <= 0) _changing.TryRemove(new(domain, 0));
    }

    private static HypervisorException NotAnswering(string text) =>
        new(LibvirtError.OperationTimeout, HypervisorException.RpcDomain, $"the hypervisor does not answer: {text}");
}
