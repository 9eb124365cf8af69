using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor;

/// <summary>
/// What the agent needs of a hypervisor: its domains. The host's PCI devices are <see cref="Pci.IPciInventory"/>. Every refusal is a
/// <see cref="HypervisorException"/>. Disposed, it lets go of the host at once: the domains go on.
/// </summary>
internal interface IHypervisor : IAsyncDisposable
{
    /// <summary>Something happened that no command asked for: a domain ended or paused by itself, the host rebooted.</summary>
    event Action? Changed;

    /// <summary>A domain lost a device, or will not let go of a device; raised on whatever thread brings the news.</summary>
    event Action<DeviceEvent>? DeviceChanged;

    /// <summary>Version, as shown to the operator.</summary>
    string Version { get; }

    HostCapacity Capacity { get; }

    /// <summary>Where other hosts find this host to migrate domains to it.</summary>
    string MigrationUri { get; }

    /// <summary>Gets in touch with the host; called once, before everything else.</summary>
    /// <exception cref="IOException">The host cannot be used, and why.</exception>
    Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Identity of the machine, which outlives its boots and the installation of the host.</summary>
    Task<string> GetMachineIdAsync(CancellationToken cancellationToken);

    /// <summary>Identity of the host's boot.</summary>
    Task<string> GetBootIdAsync(CancellationToken cancellationToken);

    Task<IReadOnlyList<Domain>> ListDomainsAsync(CancellationToken cancellationToken);

    /// <summary>The domain with this uuid, or null when none exists.</summary>
    Task<Domain?> FindDomainAsync(Guid uuid, CancellationToken cancellationToken);

    /// <summary>What a domain of the VM would lack on this host, its PCI devices aside, and where that is set; null: nothing.</summary>
    Task<string?> ObjectionToRunAsync(VirtualMachineTO vm, CancellationToken cancellationToken);

    /// <summary>Makes the domain with the devices of the VM and waits until it runs.</summary>
    Task StartAsync(VirtualMachineTO vm, CancellationToken cancellationToken);

    /// <summary>
    /// Asks the guest to shut down and does not wait; the guest may ignore the request. Refused when the guest is paused.
    /// </summary>
    Task ShutdownAsync(Guid uuid, CancellationToken cancellationToken);

    /// <summary>Ends the domain without asking the guest.</summary>
    Task DestroyAsync(Guid uuid, CancellationToken cancellationToken);

    /// <summary>Asks the guest to reboot and does not wait; the guest may ignore the request.</summary>
    Task RebootAsync(Guid uuid, CancellationToken cancellationToken);

    /// <summary>
    /// Asks the guest to let go of a device, and waits a short while. A return means that the guest was asked, not that the device is
    /// removed: <see cref="DeviceChanged"/> tells that, or the domain.
    /// </summary>
    Task DetachDeviceAsync(Guid uuid, PciAddress device, CancellationToken cancellationToken);

    /// <summary>Attaches a device to a running domain.</summary>
    /// <param name="uuid">The domain.</param>
    /// <param name="device">The host's device, with the numbers by which management knows it.</param>
    /// <param name="guestAddress">Where the guest shall see it, if that place is free; null for any.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    Task AttachDeviceAsync(Guid uuid, PciDeviceTO device, string? guestAddress, CancellationToken cancellationToken);

    /// <summary>
    /// Why the destination's hypervisor could not run a domain of this host, its PCI devices aside; null: as far as can be told beforehand
    /// it can.
    /// </summary>
    Task<string?> ObjectionToMigrateAsync(Guid uuid, string destination, CancellationToken cancellationToken);

    /// <summary>
    /// Migrates a running domain live and waits until it is gone from here. When this throws, the domain runs on here, unless the
    /// connection broke or the hypervisors lost each other within the switch-over: then only the domain itself tells.
    /// </summary>
    /// <param name="uuid">The domain; with a PCI device it is refused.</param>
    /// <param name="destination"><see cref="MigrationUri"/> of the destination's hypervisor.</param>
    /// <param name="autoConverge">Slow the guest down when it writes too fast.</param>
    /// <param name="cancellationToken">Gives up waiting; the migration goes on.</param>
    Task MigrateAsync(Guid uuid, string destination, bool autoConverge, CancellationToken cancellationToken);

    /// <summary>Stops the migration that a domain is in: the domain runs on here. Refused when there is none, or none any more.</summary>
    Task AbortMigrationAsync(Guid uuid, CancellationToken cancellationToken);

    /// <summary>The migration that takes a domain away from here; null for none.</summary>
    Task<MigrationJob?> FindMigrationAsync(Guid uuid, CancellationToken cancellationToken);
}
