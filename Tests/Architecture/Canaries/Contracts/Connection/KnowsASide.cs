namespace PciBus.Tests.Architecture.Canaries.Contracts.Connection;

internal sealed class KnowsASide
{
    public static bool IsAnAgent(object thing) => thing is PciBus.Agent.AgentNode;
}
