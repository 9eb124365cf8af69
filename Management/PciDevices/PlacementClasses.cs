using System.Collections.Concurrent;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;

namespace PciBus.Management.PciDevices;

/// <summary>
/// The placement classes that this process knows. A class never changes and is named by its content, so a known class stays right; a class
/// that another server made is found when nothing else fits.
/// </summary>
internal sealed class PlacementClasses : IDatabaseCache
{
    private readonly ConcurrentDictionary<string, Content> _known = new();
    private readonly ConcurrentDictionary<string, byte> _stored = new();
    private long _additions;

    /// <summary>How often a class became known: while this has not changed, no new class is known.</summary>
    public long Additions => Interlocked.Read(ref _additions);

    /// <summary>How many classes are known.</summary>
    public int Count => _known.Count;

    /// <summary>Adds a class that may or may not be committed: without a host in it, it does no harm.</summary>
    public void Add(PlacementClass one)
    {
        if (_known.TryAdd(one.Digest, new Content(one.HostTags, PciDeviceNames.Parse(one.PciDevices))))
        {
            Interlocked.Increment(ref _additions);
        }
    }

    /// <summary>
    /// Takes these rows as all classes that are known. A class that is not committed yet is found again when nothing else fits.
    /// </summary>
    public void Replace(IReadOnlyList<PlacementClass> rows)
    {
        var there = rows.Select(one => one.Digest).ToHashSet(StringComparer.Ordinal);
        foreach (var one in rows) Add(one);
        foreach (var gone in _known.Keys.Where(digest => !there.Contains(digest)))
        {
            _known.TryRemove(gone, out _);
            NoteDeleted(gone);
        }
    }

    /// <summary>Whether the row of a class was seen. Another server may have deleted it since.</summary>
    public bool IsStored(string digest) => _stored.ContainsKey(digest);

    /// <summary>Notes that a transaction that did not make the row of a class has seen it.</summary>
    public void NoteStored(string digest) => _stored.TryAdd(digest, 0);

    /// <summary>Notes that the row of a class is not there any more.</summary>
    public void NoteDeleted(string digest) => _stored.TryRemove(digest, out _);

    public void Forget() => _stored.Clear();

    /// <summary>Digests of the classes that have these tags and devices.</summary>
    public IReadOnlyList<string> Fitting(string hostTags, PciDeviceNames pciDevices) => [.. _known
        .Where(pair => HostTags.Cover(pair.Value.HostTags, hostTags) && pair.Value.PciDevices.Covers(pciDevices))
        .Select(pair => pair.Key)
        .Order(StringComparer.Ordinal)];

    /// <summary>Of some classes, those that have exactly these devices.</summary>
    public IReadOnlyList<string> Exactly(PciDeviceNames pciDevices, IReadOnlyList<string> digests) =>
        [.. digests.Where(digest => _known.TryGetValue(digest, out var one) && one.PciDevices.Equals(pciDevices))];

    private sealed record Content(string HostTags, PciDeviceNames PciDevices);
}
