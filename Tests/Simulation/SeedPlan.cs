using System.Globalization;

namespace PciBus.Tests.Simulation;

/// <summary>
/// Which seeds a run begins. A run has an exact count, or begins seeds as long as its time lasts. The gate has 90 seconds
/// and at least 100 seeds; <c>PCIBUS_ALL=1</c> has 15 minutes and at least 500. <c>PCIBUS_SEED</c> names the first,
/// <c>PCIBUS_SEEDS</c> the count. <c>PCIBUS_SEED_FILE</c> names a file that gets a line per seed; such a run lasts
/// <c>PCIBUS_SEED_MINUTES</c>.
/// </summary>
/// <param name="First">Null when nothing names it.</param>
/// <param name="Count">Null when the time decides.</param>
/// <param name="Least">So many seeds are begun whatever they take.</param>
internal sealed record SeedPlan(int? First, int? Count, int Least, TimeSpan Time, string? File)
{
    /// <summary>One named seed is run, and its trace is wanted.</summary>
    public bool IsReplay => First is not null && Count == 1 && File is null;

    /// <param name="variable">Looks up a variable of the environment.</param>
    public static SeedPlan Read(Func<string, string?> variable)
    {
        var (first, count) = (Number("PCIBUS_SEED"), Number("PCIBUS_SEEDS"));
        if (variable("PCIBUS_SEED_FILE") is { Length: > 0 } file)
        {
            return new SeedPlan(first, count, 0, TimeSpan.FromMinutes(Number("PCIBUS_SEED_MINUTES") ?? 60), file);
        }

        if (first is not null || count is not null) return new SeedPlan(first, count ?? 1, 0, TimeSpan.Zero, null);
        return variable("PCIBUS_ALL") == "1"
            ? new SeedPlan(null, null, 500, TimeSpan.FromMinutes(15), null)
            : new SeedPlan(null, null, 100, TimeSpan.FromSeconds(90), null);

        int? Number(string name) => variable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>The seeds from <paramref name="first"/> on. Whoever enumerates them begins each as it gets it.</summary>
    /// <param name="isDone">Such seeds are left out.</param>
    /// <param name="elapsed">How long the run has lasted.</param>
    /// <param name="cancellationToken">No seed is begun any more once it is cancelled.</param>
    public IEnumerable<int> Numbers(int first, Func<int, bool> isDone, Func<TimeSpan> elapsed, CancellationToken cancellationToken)
    {
        var begun = 0;
        for (var seed = first; !cancellationToken.IsCancellationRequested; seed++)
        {
            if (isDone(seed)) continue;
            if (Count is { } count ? begun >= count : begun >= Least && elapsed() >= Time) yield break;
            begun++;
            yield return seed;
        }
    }
}
