namespace PciBus.Tests.Simulation.Judge;

internal sealed record VmRow(long Id, Guid Uuid, string State, string? Host, long? WorkflowId, string PciDevices, bool Degraded)
{
    public override string ToString() => $"VM {Id} {Uuid} ({State}{(Host is null ? "" : $" on {Host}")})";
}
