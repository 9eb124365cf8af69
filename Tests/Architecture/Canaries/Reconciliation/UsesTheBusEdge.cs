namespace PciBus.Tests.Architecture.Canaries.Reconciliation;

internal sealed class UsesTheBusEdge(PciBus.Management.Agents.AgentMessages messages)
{
    public override string ToString() => $"{messages}";
}
