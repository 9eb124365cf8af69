namespace PciBus.Contracts.Startup;

/// <summary>
/// Management to an agent that it has not heard for some pings: report now. The answer is a <see cref="PingRoutingCommand"/>.
/// </summary>
public sealed record CheckHealthCommand : Command
{
    /// <summary>The session in which the agent was heard last.</summary>
    public long Session { get; init; }
}
