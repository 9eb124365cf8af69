namespace PciBus.Tests.Architecture.Canaries.Setup.Embedded;

internal sealed class EmbeddedHosts
{
    public static Type Agent => typeof(PciBus.Agent.AgentNode);
}
