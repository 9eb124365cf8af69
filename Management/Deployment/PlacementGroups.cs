namespace PciBus.Management.Deployment;

/// <summary>Digests of the placement classes a virtual machine fits in, by how gladly it is put there.</summary>
/// <param name="UsedUp">Hosts whose free devices are exactly what is asked for.</param>
/// <param name="Rest">Hosts on which something is left over.</param>
internal sealed record PlacementGroups(IReadOnlyList<string> UsedUp, IReadOnlyList<string> Rest);
