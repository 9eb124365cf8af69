namespace PciBus.Tests.Simulation;

/// <param name="Bug">Name of the bug that was planted.</param>
/// <param name="Failure">Null when nothing was wrong.</param>
internal sealed record SeedResult(int Seed, string Bug, Exception? Failure, Trace Trace, Tally Tally)
{
    public string Story(int lines = int.MaxValue) =>
        $"PCIBUS_SEED={Seed}: {(Failure is InvariantViolationException ? Failure.Message : Failure?.ToString())}\n{Trace.Render(lines)}";
}
