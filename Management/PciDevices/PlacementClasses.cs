using System.Collections.Concurrent;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;

namespace PciBus.Management.PciDevices;

/// <summary>
/// The placement classes this process knows. A class never changes and is named by its content, so what is known stays
/// right; one that another server made is found when nothing else fits.
/// </summary>
internal sealed class PlacementClasses : IDatabaseCache
{
    private readonly ConcurrentDictionary<string, Content> _known = new();
    private readonly ConcurrentDictionary<string, byte> _stored = new();

    /// <summary>How many there are: it only grows.</summary>
    public int Count => _known.Count;

    /// <summary>Adds a class that may or may not be committed: without a host in it, it does no harm.</summary>
    public void Add(PlacementClass one) =>
        _known.TryAdd(one.Digest, new Content(one.HostTags, PciDeviceNames.Parse(one.PciDevices)));

    /// <summary>Whether the row of a class is known to be there for good.</summary>
    public bool IsStored(string digest) => _stored.ContainsKey(digest);

    /// <summary>The row of a class was seen by a transaction that did not make it.</summary>
    public void NoteStored(string digest) => _stored.TryAdd(digest, 0);

    public void Forget() => _stored.Clear();

    /// <summary>Digests of the classes that have these tags and devices.</summary>
    public IReadOnlyList<string> Fitting(string hostTags, PciDeviceNames pciDevices) => [.. _known
        .Where(pair => HostTags.Cover(pair.Value.HostTags, hostTags) && pair.Value.PciDevices.Covers(pciDevices))
        .Select(pair => pair.Key)
        .Order(StringComparer.Ordinal)];

    /// <summary>Of some classes, those that have exactly these devices.</summary>
    public IReadOnlyList<string> Exactly(PciDeviceNames pciDevices, IReadOnlyList<string> digests) =>
        [.. digests.Where(digest => _known[digest].PciDevices.Equals(pciDevices))];

    private sealed record Content(string HostTags, PciDeviceNames PciDevices);
}
