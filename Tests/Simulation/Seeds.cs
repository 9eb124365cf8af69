using System.Threading.Channels;

namespace PciBus.Tests.Simulation;

/// <summary>Runs seeds, two at a time, each on a thread of its own.</summary>
internal static class Seeds
{
    private const int Workers = 2;

    /// <summary>
    /// A container that generates code for what it makes is worth it in a server that runs for days; here there are ten of
    /// them a seed, and their code cost more than all the rest: compiled in other threads, and finalized method by method.
    /// </summary>
    static Seeds() => AppContext.SetSwitch("Microsoft.Extensions.DependencyInjection.DisableDynamicEngine", true);

    /// <param name="seeds">The next is taken when a worker is free to begin it.</param>
    public static IAsyncEnumerable<T> RunAsync<T>(IEnumerable<int> seeds, Func<int, T> run)
    {
        var results = Channel.CreateUnbounded<T>();
        var next = seeds.GetEnumerator();
        var running = Workers;
        for (var worker = 0; worker < Workers; worker++)
        {
            new Thread(() =>
            {
                try
                {
                    while (Take() is { } seed) results.Writer.TryWrite(run(seed));
                    if (Interlocked.Decrement(ref running) > 0) return;
                    next.Dispose();
                    results.Writer.TryComplete();
                }
                catch (Exception e)
                {
                    results.Writer.TryComplete(e);
                }
            })
            { IsBackground = true }.Start();
        }

        return results.Reader.ReadAllAsync();

        int? Take()
        {
            lock (results) return next.MoveNext() ? next.Current : null;
        }
    }
}
