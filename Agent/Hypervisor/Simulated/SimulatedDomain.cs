using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>A domain as the simulator keeps it, one file each.</summary>
internal sealed record SimulatedDomain
{
    public Guid Uuid { get; init; }

    public string Name { get; init; } = "";

    public DomainState State { get; init; }

    /// <summary>Not yet up: the process that makes it goes on, also when the agent dies.</summary>
    public bool Starting { get; init; }

    /// <summary>The guest was asked to shut down and obeys.</summary>
    public bool ShuttingDown { get; init; }

    /// <summary>Being destroyed.</summary>
    public bool Ending { get; init; }

    /// <summary>How often the guest has booted.</summary>
    public int Boots { get; init; } = 1;

    public int Cpus { get; init; }

    /// <summary>RAM in bytes.</summary>
    public long Memory { get; init; }

    public IReadOnlyList<PciAddress> PciDevices { get; init; } = [];

    public Domain ToDomain() => new(Uuid, Name, State, Starting || Ending, PciDevices);
}
