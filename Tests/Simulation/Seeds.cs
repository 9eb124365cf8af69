using System.Globalization;
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

    /// <summary>How many seeds prove the product.</summary>
    public static int Count { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("PCIBUS_SEEDS"), CultureInfo.InvariantCulture, out var seeds) ? seeds
        : Environment.GetEnvironmentVariable("PCIBUS_ALL") == "1" ? 10_000
        : 300;

    public static IAsyncEnumerable<SeedResult> RunAsync(int first, int count, Func<int, SeedResult> run)
    {
        var results = Channel.CreateUnbounded<SeedResult>();
        var next = first - 1;
        var running = Workers;
        for (var worker = 0; worker < Workers; worker++)
        {
            new Thread(() =>
            {
                try
                {
                    for (int seed; (seed = Interlocked.Increment(ref next)) < first + count;) results.Writer.TryWrite(run(seed));
                    if (Interlocked.Decrement(ref running) == 0) results.Writer.TryComplete();
                }
                catch (Exception e)
                {
                    results.Writer.TryComplete(e);
                }
            })
            { IsBackground = true }.Start();
        }

        return results.Reader.ReadAllAsync();
    }
}
