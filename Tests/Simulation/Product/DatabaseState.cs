using PciBus.Tests.Simulation.Judge;

namespace PciBus.Tests.Simulation.Product;

/// <summary>What the database says at one moment.</summary>
internal sealed record DatabaseState(
    IReadOnlyList<DeviceRow> Devices, IReadOnlyList<VmRow> Vms, IReadOnlyList<WorkflowRow> Workflows, IReadOnlyList<HostRow> Hosts)
{
    /// <summary>What hosts were seen to run and should not.</summary>
    public IReadOnlyList<(long VmId, string Host)> Sightings { get; init; } = [];
}
