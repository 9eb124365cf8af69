namespace PciBus.Tests.Bus;

/// <summary>What a test wants of its cluster.</summary>
/// <param name="Hosts">How many.</param>
/// <param name="PciDevices">Of each, written as in agent.properties.</param>
internal sealed record DistributedClusterOptions(int Hosts, string PciDevices)
{
    /// <summary>The address that management uses; null = the broker's own.</summary>
    public string? BusOfManagement { get; init; }

    /// <summary>The address that the agents use; null = the broker's own.</summary>
    public string? BusOfAgents { get; init; }

    /// <summary>The addresses that the agents use, in their order; null = <see cref="BusOfAgents"/> for all.</summary>
    public IReadOnlyList<string>? BusesOfAgents { get; init; }

    /// <summary>How long a simulated domain takes to come up.</summary>
    public string StartTime { get; init; } = "50ms";

    /// <summary>Silence after which the broker gives up an agent is twice as long.</summary>
    public string Heartbeat { get; init; } = "1s";

    /// <summary>Settings of management, <c>name=value</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];
}
