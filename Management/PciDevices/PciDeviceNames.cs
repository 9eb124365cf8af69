using System.Collections.Immutable;
using System.Globalization;

namespace PciBus.Management.PciDevices;

/// <summary>
/// How many devices of each name: what an offering asks for, or what a host has. Names are compared exactly. The text is canonical, e.g.
/// <c>10GE|2,GPU-A|1</c>: neither a comma nor a bar can be in a name.
/// </summary>
internal sealed class PciDeviceNames : IEquatable<PciDeviceNames>
{
    private readonly ImmutableSortedDictionary<string, int> _counts;

    private PciDeviceNames(ImmutableSortedDictionary<string, int> counts) => _counts = counts;

    public static PciDeviceNames None { get; } = new(ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal));

    public bool IsEmpty => _counts.IsEmpty;

    /// <summary>Name and count, sorted by name.</summary>
    public IReadOnlyDictionary<string, int> Counts => _counts;

    public int Total => _counts.Values.Sum();

    public static PciDeviceNames Of(IEnumerable<string> names) => new(names
        .GroupBy(name => name, StringComparer.Ordinal)
        .ToImmutableSortedDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal));

    /// <summary>Reads an offering's list: names separated by commas, blanks around them, repeated to ask for several.</summary>
    public static PciDeviceNames ParseList(string list) =>
        Of(list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Reads canonical text.</summary>
    public static PciDeviceNames Parse(string canonical) => canonical.Length == 0
        ? None
        : new(canonical.Split(',').Select(part => part.Split('|')).ToImmutableSortedDictionary(
            part => part[0], part => int.Parse(part[1], CultureInfo.InvariantCulture), StringComparer.Ordinal));

    /// <summary>As an offering lists them, e.g. <c>10GE,10GE,GPU-A</c>; what <see cref="ParseList"/> reads.</summary>
    public string List => string.Join(',', _counts.SelectMany(pair => Enumerable.Repeat(pair.Key, pair.Value)));

    /// <summary>For people, e.g. <c>2 x 10GE, 1 x GPU-A</c>.</summary>
    public string Listed =>
        string.Join(", ", _counts.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Value} x {pair.Key}")));

    public int Count(string name) => _counts.GetValueOrDefault(name);

    /// <summary>Whether there are at least as many of each name as are asked for.</summary>
    public bool Covers(PciDeviceNames request) => request._counts.All(asked => Count(asked.Key) >= asked.Value);

    /// <summary>The least that covers both.</summary>
    public PciDeviceNames Or(PciDeviceNames other) =>
        new(_counts.Keys.Union(other._counts.Keys, StringComparer.Ordinal).ToImmutableSortedDictionary(
        name => name, name => Math.Max(Count(name), other.Count(name)), StringComparer.Ordinal));

    /// <summary>The same with so many of one name.</summary>
    public PciDeviceNames With(string name, int count) => new(count > 0 ? _counts.SetItem(name, count) : _counts.Remove(name));

    /// <summary>What is left when the other is taken away.</summary>
    public PciDeviceNames Except(PciDeviceNames other) => new(_counts
        .Where(pair => pair.Value > other.Count(pair.Key))
        .ToImmutableSortedDictionary(pair => pair.Key, pair => pair.Value - other.Count(pair.Key), StringComparer.Ordinal));

    public bool Equals(PciDeviceNames? other) => other is not null && ToString() == other.ToString();

    public override bool Equals(object? obj) => Equals(obj as PciDeviceNames);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString() =>
        string.Join(',', _counts.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}|{pair.Value}")));
}
