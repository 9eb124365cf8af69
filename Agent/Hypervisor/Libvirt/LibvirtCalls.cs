namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// Runs the calls of one connection. They block in C, from a millisecond to a whole migration, and cannot be interrupted: each has a
/// thread of its own, which ends with it. A thread or a few for all would have to hold the abort of a migration behind the
/// migration, and a hung call would hold them all; beside a round trip to libvirtd a thread costs nothing. A call that misses its
/// deadline goes on alone, and the connection counts as hung: it takes no more calls, so their number is bounded.
/// </summary>
internal sealed class LibvirtCalls(TimeProvider timeProvider)
{
    private volatile string? _hung;

    /// <summary>The call that missed its deadline, and which one it was; null while all is well.</summary>
    public string? Hung => _hung;

    /// <summary>Runs a call, unless the connection is hung.</summary>
    /// <exception cref="LibvirtException">What the call threw; or it missed its deadline, now or earlier.</exception>
    public Task<T> RunAsync<T>(string what, TimeSpan deadline, Func<T> call, CancellationToken cancellationToken) =>
        _hung is { } hung
            ? Task.FromException<T>(NotAsked(what, hung))
            : RunAnywayAsync(what, deadline, call, cancellationToken);

    /// <summary>Runs a call, also on a connection that is hung. What it returns too late is disposed of.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public async Task<T> RunAnywayAsync<T>(string what, TimeSpan deadline, Func<T> call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var end = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = timeProvider.CreateTimer(_ => GiveUp(what, deadline, end), null, deadline, Timeout.InfiniteTimeSpan);
        using var given = cancellationToken.UnsafeRegister((_, token) => end.TrySetCanceled(token), null);
        new Thread(() => Run(call, end)) { IsBackground = true, Name = "libvirt call" }.UnsafeStart();
        return await end.Task;
    }

    /// <summary>libvirt does not answer, and was not asked again.</summary>
    /// <param name="what">The call.</param>
    /// <param name="why">How that is known.</param>
    public static LibvirtException NotAsked(string what, string why) =>
        new(LibvirtFailures.OperationTimeout, HypervisorException.RpcDomain, $"{what} was not asked: {why}") { WasNotAsked = true };

    private static void Run<T>(Func<T> call, TaskCompletionSource<T> end)
    {
        try
        {
            var result = call();
            if (!end.TrySetResult(result)) (result as IDisposable)?.Dispose();
        }
        catch (Exception e)
        {
            end.TrySetException(e);
        }
    }

    private void GiveUp<T>(string what, TimeSpan deadline, TaskCompletionSource<T> end)
    {
        if (end.Task.IsCompleted) return;
        var said = $"libvirt did not answer {what} within {deadline.TotalSeconds:0.#} s";
        // Known before the caller is told, who may ask for the next call at once.
        Interlocked.CompareExchange(ref _hung, said, null);
        end.TrySetException(new LibvirtException(
            LibvirtFailures.OperationTimeout, HypervisorException.RpcDomain, $"{said}; it may still be carried out"));
    }
}
