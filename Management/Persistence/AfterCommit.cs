namespace PciBus.Management.Persistence;

/// <summary>What the current transaction has done when it has committed, and only then; it is too late for it to fail.</summary>
internal sealed class AfterCommit
{
    public List<Action> Actions { get; } = [];
}
