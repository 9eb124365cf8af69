namespace PciBus.Contracts.Joining;

/// <summary>What an agent that has no credentials asks of management over HTTPS, as JSON.</summary>
public sealed record HostJoinRequest
{
    /// <summary>POST, on management's API port.</summary>
    public const string Path = "/client/agents/join";

    /// <summary>Of <c>createHostJoinToken</c>.</summary>
    public string Token { get; init; } = "";

    /// <summary>The guid of the host, from agent.properties, as is all below.</summary>
    public string Guid { get; init; } = "";
    public string Name { get; init; } = "";
    public string Zone { get; init; } = "";
    public string Pod { get; init; } = "";
    public string Cluster { get; init; } = "";

    /// <summary>Identity of the machine; empty when the agent does not say, as older agents do not.</summary>
    public string Machine { get; init; } = "";
}
