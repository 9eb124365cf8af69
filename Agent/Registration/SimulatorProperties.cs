using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Registration;

/// <summary>What a simulated host is like: the <c>simulator.*</c> keys of agent.properties.</summary>
internal sealed record SimulatorProperties
{
    [AgentKey("simulator.control.port", "TCP port of the simulator's control on 127.0.0.1; without one there is no control", Max = 65_535)]
    public int? ControlPort { get; init; }

    [AgentKey("simulator.cpus", "logical processors of a simulated host", Max = 4096)]
    public int Cpus { get; init; } = 16;

    [AgentKey("simulator.speed", "MHz of one of them", Max = 100_000)]
    public int Speed { get; init; } = 2400;

    /// <summary>In bytes.</summary>
    [AgentKey("simulator.memory", "its RAM")]
    public long Memory { get; init; } = 64L << 30;

    [AgentKey("simulator.start.time", "how long the start of a domain takes")]
    public TimeSpan StartTime { get; init; } = TimeSpan.FromMilliseconds(500);

    [AgentKey("simulator.stop.time", "how long a domain takes to end, asked or destroyed")]
    public TimeSpan StopTime { get; init; } = TimeSpan.FromMilliseconds(500);

    [AgentKey("simulator.hotplug.time", "how long a guest takes to let go of a device or to take one")]
    public TimeSpan HotplugTime { get; init; } = TimeSpan.FromMilliseconds(500);

    [AgentKey("simulator.migration.time", "how long a live migration takes")]
    public TimeSpan MigrationTime { get; init; } = TimeSpan.FromSeconds(2);

    [AgentKey("simulator.deaf.devices", "devices that no guest ever lets go of while it runs")]
    public IReadOnlyList<PciAddress> DeafDevices { get; init; } = [];
}
