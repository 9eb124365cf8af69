namespace PciBus.Tests.Simulation.Judge;

/// <param name="Used">CPU and RAM by the host's own row.</param>
/// <param name="Sum">CPU and RAM by the rows of its virtual machines.</param>
/// <param name="Takers">Virtual machines that have taken CPU and RAM of it.</param>
internal sealed record HostRow(
    long Id, string Guid, string Status, long Session, (long Cpu, long Ram) Used, (long Cpu, long Ram) Sum, IReadOnlyList<long> Takers)
{
    /// <summary>In maintenance, on the way there, or stuck on it.</summary>
    public bool IsInMaintenance => ResourceState.EndsWith("Maintenance", StringComparison.Ordinal);

    public required string ResourceState { get; init; }
}
