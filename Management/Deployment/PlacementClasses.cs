using System.Collections.Concurrent;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;

namespace PciBus.Management.Deployment;

/// <summary>
/// The placement classes this process has read. A class never changes and is named by its content, so what was read stays
/// right; what is missing is only not found yet.
/// </summary>
internal sealed class PlacementClasses
{
    private readonly ConcurrentDictionary<string, Content> _known = new();

    /// <summary>Highest id read so far.</summary>
    public long HighestId { get; private set; }

    /// <returns>Whether one of them was new.</returns>
    public bool Add(IEnumerable<PlacementClass> classes)
    {
        var any = false;
        foreach (var one in classes)
        {
            any |= _known.TryAdd(one.Digest, new Content(one.HostTags, PciDeviceNames.Parse(one.PciDevices)));
            HighestId = Math.Max(HighestId, one.Id);
        }

        return any;
    }

    /// <summary>Digests of the classes that have the tags and the devices a plan asks for.</summary>
    public IReadOnlyList<string> Fitting(DeploymentPlan plan) => [.. _known
        .Where(pair => HostTags.Cover(pair.Value.HostTags, plan.HostTags) && pair.Value.PciDevices.Covers(plan.PciDevices))
        .Select(pair => pair.Key)
        .Order(StringComparer.Ordinal)];

    /// <summary>Of the fitting classes, those whose devices a plan uses up: nothing scarce is left over there.</summary>
    public IReadOnlyList<string> UsedUp(DeploymentPlan plan, IReadOnlyList<string> fitting) =>
        [.. fitting.Where(digest => _known[digest].PciDevices.Equals(plan.PciDevices))];

    private sealed record Content(string HostTags, PciDeviceNames PciDevices);
}
