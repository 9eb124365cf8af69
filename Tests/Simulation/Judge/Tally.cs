using System.Globalization;
using PciBus.Tests.Simulation.Faults;

namespace PciBus.Tests.Simulation.Judge;

/// <summary>Counts what was done to a cluster.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<string, int> _operations = new(StringComparer.Ordinal);
    private readonly SortedDictionary<CrashKind, int> _crashes = [];
    private readonly SortedDictionary<Fault, int> _faults = [];

    public int Seeds { get; private set; }

    public int Operations => _operations.Values.Sum();

    public int Crashes => _crashes.Values.Sum();

    public int Faults => _faults.Values.Sum();

    public long Messages { get; private set; }

    public TimeSpan VirtualTime { get; private set; }

    public void Count(string operation) => Count(_operations, operation);

    public void Count(CrashKind crash) => Count(_crashes, crash);

    public void Count(Fault fault) => Count(_faults, fault);

    public void CountMessage() => Messages++;

    public void Ended(TimeSpan virtualTime) => (Seeds, VirtualTime) = (Seeds + 1, VirtualTime + virtualTime);

    public void Add(Tally other)
    {
        foreach (var (key, count) in other._operations) Count(_operations, key, count);
        foreach (var (key, count) in other._crashes) Count(_crashes, key, count);
        foreach (var (key, count) in other._faults) Count(_faults, key, count);
        Messages += other.Messages;
        Seeds += other.Seeds;
        VirtualTime += other.VirtualTime;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        {Seeds} seeds, {VirtualTime.TotalHours:f1} hours of virtual time, {Messages} messages
        {Operations} operations: {Text(_operations)}
        {Crashes} crashes: {Text(_crashes)}
        {Faults} faults: {Text(_faults)}
        """);

    private static void Count<TKey>(SortedDictionary<TKey, int> counts, TKey key, int by = 1) where TKey : notnull =>
        counts[key] = counts.GetValueOrDefault(key) + by;

    private static string Text<TKey>(SortedDictionary<TKey, int> counts) where TKey : notnull => string.Join(", ", counts
        .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} {pair.Key}")));
}
