using PciBus.Management.PciDevices;

namespace PciBus.Management.Deployment;

/// <summary>
/// Orders the kinds of hosts to look at. Hosts whose free devices are exactly what is asked for come first: nothing scarce is left over on
/// them, and a virtual machine without devices goes where none are free.
/// </summary>
internal static class FirstFitPlanner
{
    /// <returns>Within a group the first host that fits will do.</returns>
    public static PlacementGroups Order(DeploymentPlan plan, PlacementClasses classes)
    {
        var fitting = classes.Fitting(plan.HostTags, plan.PciDevices);
        var usedUp = classes.Exactly(plan.PciDevices, fitting);
        return new PlacementGroups(usedUp, [.. fitting.Except(usedUp)]);
    }
}

/// <summary>Digests of the placement classes a virtual machine fits in, by how gladly it is put there.</summary>
/// <param name="UsedUp">Hosts whose free devices are exactly what is asked for.</param>
/// <param name="Rest">Hosts on which something is left over.</param>
internal sealed record PlacementGroups(IReadOnlyList<string> UsedUp, IReadOnlyList<string> Rest);
