namespace PciBus.Tests.Architecture.Canaries.Api;

internal sealed class UsesTheBusEdge(PciBus.Management.Agents.AgentMessages messages)
{
    public override string ToString() => $"{messages}";
}
