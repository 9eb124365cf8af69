using PciBus.Contracts.Startup;

namespace PciBus.Contracts;

/// <summary>Names of the queues on the bus; each has an exchange of its name in front of it.</summary>
public static class EndpointNames
{
    /// <summary>Announcements and farewells of agents; all management servers consume it in competition.</summary>
    public const string ManagementStartup = "management.startup";

    /// <summary>Pings of agents.</summary>
    public const string ManagementPings = "management.pings";

    /// <summary>Answers of agents to commands.</summary>
    public const string ManagementAnswers = "management.answers";

    /// <summary>What management gave up, so that it raises alerts.</summary>
    public const string ManagementDeadLetters = "management.dead-letters";

    /// <summary>Messages that management gave up, kept for the operator, who may replay them. Nobody consumes them.</summary>
    public const string DeadLetters = "pcibus.dead-letters";

    /// <summary>
    /// Messages that another user sent than the user of the host for which they speak. Nobody consumes them, and nobody replays them.
    /// </summary>
    public const string Refused = "pcibus.refused";

    /// <summary>The queue that only this agent consumes.</summary>
    /// <param name="hostGuid">The <c>guid</c> of the agent's <c>agent.properties</c>.</param>
    public static string Agent(string hostGuid) => $"agent.{hostGuid}";

    /// <summary>The <c>guid</c> of the agent whose queue this is.</summary>
    public static string HostGuid(string agent) => agent[Agent("").Length..];

    /// <summary>The queue of management that takes a message of an agent.</summary>
    public static string Management(object message) => message switch
    {
        StartupRoutingCommand or ShutdownCommand => ManagementStartup,
        PingRoutingCommand => ManagementPings,
        Answer => ManagementAnswers,
        _ => throw new ArgumentException($"{message.GetType().Name} is not for management", nameof(message)),
    };
}
