using PciBus.Management.Events;

namespace PciBus.Management.Places;

/// <summary>A cluster by its name, with those of its pod and zone.</summary>
internal sealed record Place(string Zone, string Pod, string Cluster)
{
    private const int LongestName = 100;

    /// <summary>As agent.properties has it, for operators.</summary>
    public override string ToString() => $"zone={Short(Zone)}, pod={Short(Pod)}, cluster={Short(Cluster)}";

    private static string Short(string name) => AlertManager.Printable(name, LongestName);
}

/// <summary>What is kept of a zone, a pod and a cluster alike.</summary>
internal abstract class PlaceRow
{
    public long Id { get; set; }
    public Guid Uuid { get; set; }
    public required string Name { get; set; }
    public AllocationState AllocationState { get; set; }
    public DateTimeOffset Created { get; set; }
}

/// <summary>Whether a zone, pod or cluster takes new virtual machines.</summary>
internal enum AllocationState
{
    Enabled,
    Disabled,
}
