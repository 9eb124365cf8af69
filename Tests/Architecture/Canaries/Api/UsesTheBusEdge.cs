namespace PciBus.Tests.Architecture.Canaries.Api;

internal sealed class UsesTheBusEdge(PciBus.Management.Bus.AgentMessages messages)
{
    public override string ToString() => $"{messages}";
}
