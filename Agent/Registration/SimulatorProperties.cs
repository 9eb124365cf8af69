using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Registration;

/// <summary>What a simulated host is like: the <c>simulator.*</c> keys of agent.properties.</summary>
internal sealed record SimulatorProperties
{
    /// <summary><c>simulator.cpus</c>: logical processors; default 16.</summary>
    public int Cpus { get; init; } = 16;

    /// <summary><c>simulator.speed</c>: speed of one processor in MHz; default 2400.</summary>
    public int Speed { get; init; } = 2400;

    /// <summary><c>simulator.memory</c>: RAM in bytes, or with KiB, MiB, GiB; default 64 GiB.</summary>
    public long Memory { get; init; } = 64L << 30;

    /// <summary><c>simulator.start.time</c>: how long the start of a domain takes; default 500 ms.</summary>
    public TimeSpan StartTime { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary><c>simulator.stop.time</c>: how long a domain takes to end, asked or destroyed; default 500 ms.</summary>
    public TimeSpan StopTime { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary><c>simulator.hotplug.time</c>: how long a guest takes to let go of a device or to take one; default 500 ms.</summary>
    public TimeSpan HotplugTime { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary><c>simulator.migration.time</c>: how long a live migration takes; default 2 s.</summary>
    public TimeSpan MigrationTime { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary><c>simulator.deaf.devices</c>: addresses of devices that no guest ever lets go of while it runs; default none.</summary>
    public IReadOnlyList<PciAddress> DeafDevices { get; init; } = [];

    /// <summary><c>simulator.control.port</c>: TCP port of the simulator's control on 127.0.0.1; default none, no control.</summary>
    public int? ControlPort { get; init; }

    public static SimulatorProperties Read(PropertyReader reader)
    {
        var absent = new SimulatorProperties();
        return new SimulatorProperties
        {
            Cpus = reader.Number("simulator.cpus", absent.Cpus, 1, 4096),
            Speed = reader.Number("simulator.speed", absent.Speed, 1, 100_000),
            Memory = reader.Bytes("simulator.memory", absent.Memory),
            StartTime = reader.Duration("simulator.start.time", absent.StartTime),
            StopTime = reader.Duration("simulator.stop.time", absent.StopTime),
            HotplugTime = reader.Duration("simulator.hotplug.time", absent.HotplugTime),
            MigrationTime = reader.Duration("simulator.migration.time", absent.MigrationTime),
            DeafDevices = [.. reader.List("simulator.deaf.devices").Select(text => PciAddress.TryParse(text, out var address, out _)
                ? address
                : reader.Bad<PciAddress>("simulator.deaf.devices", "[domain:]bus:slot.function, separated by commas", default))],
            ControlPort = reader.Optional("simulator.control.port") is null ? null : reader.Number("simulator.control.port", 0, 1, 65_535),
        };
    }
}
