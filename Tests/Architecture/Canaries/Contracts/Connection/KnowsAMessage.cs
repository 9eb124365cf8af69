namespace PciBus.Tests.Architecture.Canaries.Contracts.Connection;

internal sealed class KnowsAMessage
{
    public static bool IsAPing(object thing) => thing is PciBus.Contracts.Startup.PingRoutingCommand;
}
