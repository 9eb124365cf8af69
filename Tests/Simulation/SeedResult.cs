using PciBus.Tests.Simulation.Judge;
using PciBus.Tests.Simulation.World;

namespace PciBus.Tests.Simulation;

/// <param name="Bug">Name of the bug that was planted.</param>
/// <param name="Failure">Null when nothing was wrong.</param>
internal sealed record SeedResult(int Seed, string Bug, Exception? Failure, Trace Trace, Tally Tally)
{
    /// <summary>What was wrong, or that too little happened for the seed to prove anything; null for neither.</summary>
    public string? Problem => FailureText ?? (Tally is { Operations: >= 60, Crashes: >= 5, Faults: >= 10 } ? null : $"too quiet: {Tally}");

    private string? FailureText => Failure is InvariantViolationException ? Failure.Message : Failure?.ToString();

    public string Story(int lines = int.MaxValue) => $"PCIBUS_SEED={Seed}: {FailureText}\n{Trace.Render(lines)}";
}
