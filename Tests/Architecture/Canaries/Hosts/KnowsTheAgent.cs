namespace PciBus.Tests.Architecture.Canaries.Hosts;

internal sealed class KnowsTheAgent
{
    public static bool IsAnAgent(object thing) => thing is PciBus.Agent.AgentNode;
}
