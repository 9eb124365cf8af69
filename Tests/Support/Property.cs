using CsCheck;
using Xunit;

namespace PciBus.Tests.Support;

/// <summary>
/// A property that holds for whatever a generator makes. The gate takes the same samples each time: it judges a change, not its luck.
/// <c>Tests/run --all</c> takes new ones. What a failure prints, <c>CsCheck_Seed=SEED</c>, repeats and shrinks it.
/// </summary>
internal static class Property
{
    private const int Samples = 100;

    private static readonly bool TakesNewSamples = Check.Seed is not null || Environment.GetEnvironmentVariable("PCIBUS_ALL") == "1";

    /// <summary>How many samples are taken: fewer in the gate than in <c>Tests/run --all</c>.</summary>
    public static int Cases(int gate, int all) => TakesNewSamples ? all : gate;

    public static void Holds<T>(this Gen<T> gen, Action<T> property, int iter = Samples)
    {
        if (TakesNewSamples) gen.Sample(property, iter: iter, threads: 1);
        else for (var i = 0; i < iter; i++) gen.Sample(property, seed: Seed(i), iter: 1, threads: 1);
    }

    public static void Holds<T>(this Gen<T> gen, Func<T, bool> property, int iter = Samples) =>
        gen.Holds((T sample) => Assert.True(property(sample)), iter);

    public static void Holds<T1, T2>(this Gen<(T1 First, T2 Second)> gen, Action<T1, T2> property, int iter = Samples) =>
        gen.Holds(((T1 First, T2 Second) pair) => property(pair.First, pair.Second), iter);

    public static void Holds<T1, T2>(this Gen<(T1 First, T2 Second)> gen, Func<T1, T2, bool> property, int iter = Samples) =>
        gen.Holds(((T1 First, T2 Second) pair) => Assert.True(property(pair.First, pair.Second)), iter);

    public static async Task HoldsAsync<T>(this Gen<T> gen, Func<T, Task> property, int iter = Samples)
    {
        if (TakesNewSamples) await gen.SampleAsync(property, iter: iter, threads: 1);
        else for (var i = 0; i < iter; i++) await gen.SampleAsync(property, seed: Seed(i), iter: 1, threads: 1);
    }

    private static string Seed(int i) => new PCG((uint)i, 2013).ToString();
}
