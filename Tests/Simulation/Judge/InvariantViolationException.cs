namespace PciBus.Tests.Simulation.Judge;

/// <summary>What must never be so, is so.</summary>
internal sealed class InvariantViolationException(string invariant, string what) : Exception($"{invariant}: {what}")
{
    public string Invariant { get; } = invariant;
}
