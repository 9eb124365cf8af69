namespace PciBus.Contracts;

/// <summary>Names of the queues on the bus.</summary>
public static class EndpointNames
{
    /// <summary>Announcements and farewells of agents; all management servers consume it in competition.</summary>
    public const string ManagementStartup = "management.startup";

    /// <summary>Pings of agents.</summary>
    public const string ManagementPings = "management.pings";

    /// <summary>Answers of agents to commands.</summary>
    public const string ManagementAnswers = "management.answers";

    /// <summary>What management sends to itself: workflows that go on in a later transaction.</summary>
    public const string ManagementWorkflows = "management.workflows";

    /// <summary>The queue that one agent alone consumes.</summary>
    /// <param name="hostGuid">The <c>guid</c> of the agent's <c>agent.properties</c>.</param>
    public static string Agent(string hostGuid) => $"agent.{hostGuid}";
}
