using System.Globalization;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>A domain as the simulator keeps it, one file each.</summary>
internal sealed record SimulatedDomain
{
    public Guid Uuid { get; init; }

    public string Name { get; init; } = "";

    public DomainState State { get; init; }

    /// <summary>Not yet up: the process that makes the domain goes on, also when the agent dies.</summary>
    public bool Starting { get; init; }

    /// <summary>The guest was asked to shut down and obeys.</summary>
    public bool ShuttingDown { get; init; }

    /// <summary>Being destroyed.</summary>
    public bool Ending { get; init; }

    /// <summary>How often the guest has booted.</summary>
    public int Boots { get; init; } = 1;

    /// <summary>When it booted last.</summary>
    public DateTimeOffset Booted { get; init; }

    public int Cpus { get; init; }

    /// <summary>RAM in bytes.</summary>
    public long Memory { get; init; }

    /// <inheritdoc cref="Contracts.VirtualMachines.VirtualMachineTO.StartedBy"/>
    public long? StartedBy { get; init; }

    public IReadOnlyList<PciAddress> PciDevices { get; init; } = [];

    /// <summary>The root port of each of <see cref="PciDevices"/>, in their order.</summary>
    public IReadOnlyList<int> Ports { get; init; } = [];

    /// <summary>How many root ports the domain has, since it was started.</summary>
    public int PortCount { get; init; }

    /// <summary>Devices that the guest was asked to let go of and still has.</summary>
    public IReadOnlyList<PciAddress> Unplugging { get; init; } = [];

    /// <summary>Of these, the devices that the guest will let go of.</summary>
    public IReadOnlyList<PciAddress> LettingGo { get; init; } = [];

    /// <summary>Where the domain is being migrated to; null for nowhere.</summary>
    public string? Outgoing { get; init; }

    /// <summary>What goes wrong with that migration.</summary>
    public MigrationFault OutgoingFault { get; init; }

    /// <summary>How often it was migrated from this host.</summary>
    public int Migrations { get; init; }

    /// <summary>Being migrated to this host.</summary>
    public bool Incoming { get; init; }

    /// <summary>Its processors were stopped to go on elsewhere: the domain is not active here, whatever became of it there.</summary>
    public bool Suspended { get; init; }

    /// <summary>Runs here, or may at any moment.</summary>
    public bool IsActive => !Incoming && !Suspended;

    public bool CanBeAsked => IsActive && !Starting && !Ending;

    public SimulatedDomain With(PciAddress device, int port) =>
        this with { PciDevices = [.. PciDevices, device], Ports = [.. Ports, port] };

    public SimulatedDomain Without(PciAddress device)
    {
        var kept = Enumerable.Range(0, PciDevices.Count).Where(i => PciDevices[i] != device).ToList();
        return this with
        {
            PciDevices = [.. kept.Select(i => PciDevices[i])],
            Ports = [.. kept.Where(i => i < Ports.Count).Select(i => Ports[i])],
            Unplugging = [.. Unplugging.Where(other => other != device)],
            LettingGo = [.. LettingGo.Where(other => other != device)],
        };
    }

    /// <summary>A port for one more device: the wanted one if it is free, else the first; null when none is.</summary>
    public int? FreePort(string? guestAddress)
    {
        var free = Enumerable.Range(1, PortCount).Except(Ports).ToList();
        if (free.Count == 0) return null;
        return free.Find(port => GuestAddressOf(port) == guestAddress) is > 0 and var wanted ? wanted : free[0];
    }

    public Domain ToDomain() =>
        new(
            Uuid,
            Name,
            Incoming || Suspended ? DomainState.Paused : State,
            Starting || Ending || Incoming || Outgoing is not null,
            PciDevices)
        {
            Incoming = Incoming,
            StartedBy = StartedBy,
            GuestAddresses = [.. Ports.Select(GuestAddressOf)],
        };

    /// <summary>Each root port is a bus of its own.</summary>
    private static string GuestAddressOf(int port) => string.Create(CultureInfo.InvariantCulture, $"0000:{port:x2}:00.0");
}
