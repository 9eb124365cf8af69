namespace PciBus.Management.Persistence;

/// <summary>Actions that the current transaction has run after its commit, and only then; they are too late to fail.</summary>
internal sealed class AfterCommit
{
    public List<Action> Actions { get; } = [];
}
