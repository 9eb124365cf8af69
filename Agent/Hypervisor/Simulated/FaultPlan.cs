using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>What shall go wrong on a simulated host. The default is nothing.</summary>
internal sealed record FaultPlan
{
    /// <summary>So many next starts fail with <see cref="FailText"/>.</summary>
    public int FailStarts { get; init; }

    public string FailText { get; init; } = "internal error: process exited while connecting to monitor: simulated failure";

    /// <summary>So many next starts hang, their domain half made, until a plan with 0 here is set.</summary>
    public int HangStarts { get; init; }

    /// <summary>So many next starts lose their connection: the domain comes up, the caller is told that the socket closed.</summary>
    public int DisconnectStarts { get; init; }

    /// <summary>Guests ignore a request to shut down.</summary>
    public bool IgnoreShutdown { get; init; }

    /// <summary>Every call fails as if the hypervisor were not there.</summary>
    public bool Unreachable { get; init; }

    /// <summary>Devices whose reset fails.</summary>
    public IReadOnlyList<PciAddress> NotClean { get; init; } = [];

    /// <summary>Devices that are gone from the bus.</summary>
    public IReadOnlyList<PciAddress> Vanished { get; init; } = [];
}
