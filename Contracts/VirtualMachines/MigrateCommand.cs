using PciBus.Contracts.PciDevices;

namespace PciBus.Contracts.VirtualMachines;

/// <summary>
/// Management to the agent of the source: detach every PCI device of the VM, migrate it live, clean the devices. When something fails
/// before the switch-over, the VM gets its devices back. The agent answers a repeat from the journal, with a fresh observation, and does
/// not carry it out twice.
/// </summary>
public sealed record MigrateCommand : VirtualMachineCommand
{
    /// <summary>The destination's own address.</summary>
    public string? DestinationIp { get; init; }

    /// <summary>Guid of the destination.</summary>
    public string HostGuid { get; init; } = "";

    /// <summary>Slow the guest down when it writes faster than its memory can be carried over.</summary>
    public bool AutoConvergence { get; init; }

    // -- PciBus --

    /// <summary><see cref="PrepareForMigrationAnswer.MigrationUri"/>, as the destination gave it.</summary>
    public string DestinationUri { get; init; } = "";

    /// <summary>
    /// All devices that the VM owns on this host. A domain with a PCI device that is not among them is not touched ("not begun"). After the
    /// migration the agent resets and probes each of them, also a device that the domain did not have.
    /// </summary>
    public IReadOnlyList<PciDeviceTO> PciDevices { get; init; } = [];

    /// <summary>The boot for which the addresses hold; another boot answers "not begun".</summary>
    public string BootId { get; init; } = "";

    /// <summary>Seconds that the guest has to let go of all devices together; 0 = the agent's <c>detach.wait</c>.</summary>
    public int DetachWait { get; init; }

    /// <summary>Seconds after which a migration that has not ended is aborted; 0 = the agent's <c>migration.wait</c>.</summary>
    public int MigrateWait { get; init; }
}

/// <summary>
/// Answer to <see cref="MigrateCommand"/>. Result true: the hypervisor has completed the migration, observed is Off, and the devices are in
/// <see cref="VirtualMachineAnswer.Cleaned"/>; only the destination can say that the VM runs there. Result false: not migrated as far as
/// this host knows; <see cref="VirtualMachineAnswer.DeviceOutcomes"/> says what became of each device,
/// <see cref="VirtualMachineAnswer.PciDevices"/> which devices the VM has now.
/// </summary>
public sealed record MigrateAnswer : VirtualMachineAnswer
{
    /// <summary>Where the guest saw the devices that were detached; for <see cref="AttachPciDevicesCommand.GuestPlaces"/>.</summary>
    public IReadOnlyList<GuestPlace> GuestPlaces { get; init; } = [];
}
