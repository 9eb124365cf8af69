using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>What shall go wrong on a simulated host. The default is nothing.</summary>
internal sealed record FaultPlan
{
    private static readonly GuestBehaviour[] Unwilling =
        [GuestBehaviour.Deaf, GuestBehaviour.Slow, GuestBehaviour.Silent, GuestBehaviour.Busy, GuestBehaviour.NoHotplug];

    private static readonly MigrationFault[] Failing =
        [.. Enum.GetValues<MigrationFault>().Where(fault => fault != MigrationFault.None)];

    /// <summary>So many next starts fail with <see cref="FailText"/>.</summary>
    public int FailStarts { get; init; }

    public string FailText { get; init; } = "internal error: process exited while connecting to monitor: simulated failure";

    /// <summary>So many next starts hang, their domain half made, until a plan with 0 here is set.</summary>
    public int HangStarts { get; init; }

    /// <summary>So many next starts lose their connection: the domain comes up, and the caller is told that the socket closed.</summary>
    public int DisconnectStarts { get; init; }

    /// <summary>Guests ignore a request to shut down, or to reboot.</summary>
    public bool IgnoreShutdown { get; init; }

    /// <summary>Every call fails as if the hypervisor were not there.</summary>
    public bool Unreachable { get; init; }

    /// <summary>Devices whose reset fails.</summary>
    public IReadOnlyList<PciAddress> NotClean { get; init; } = [];

    /// <summary>Devices that can be given to no virtual machine.</summary>
    public IReadOnlyList<PciAddress> Unusable { get; init; } = [];

    /// <summary>Devices that are gone from the bus.</summary>
    public IReadOnlyList<PciAddress> Vanished { get; init; } = [];

    /// <summary>How guests treat devices that they shall let go of; the first that matches counts.</summary>
    public IReadOnlyList<GuestFault> Guests { get; init; } = [];

    /// <summary>When a slow guest lets go; default 20 s.</summary>
    public TimeSpan SlowTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long guests boot: meanwhile a request to let go of a device is lost; default 0.</summary>
    public TimeSpan BootTime { get; init; }

    /// <summary>Guests run a guest agent, which is connected while they are up.</summary>
    public bool GuestAgents { get; init; }

    /// <summary>A second request is answered with "already in the process of unplug", as older QEMUs do, and not silently.</summary>
    public bool RefuseSecondRequest { get; init; }

    /// <summary>Ports that a domain has beyond its devices when it starts; default 4.</summary>
    public int SparePorts { get; init; } = 4;

    /// <summary>So many next attaches fail with <see cref="FailText"/>.</summary>
    public int FailAttaches { get; init; }

    /// <summary>So many next attaches lose their connection: the caller is told so at once, the device is attached all the same.</summary>
    public int DisconnectAttaches { get; init; }

    /// <summary>What guests of this host need, and the processors of other hosts lack; null: nothing.</summary>
    public string? OtherProcessorsLack { get; init; }

    /// <summary>What goes wrong with the next migrations, one after the other.</summary>
    public IReadOnlyList<MigrationFault> Migrations { get; init; } = [];

    /// <summary>Chooses what the two members below leave to chance; the same seed chooses the same.</summary>
    public int Seed { get; init; }

    /// <summary>Of a hundred pairs of a guest and a device, so many are not willing, in a way that the seed chooses.</summary>
    public int UnwillingPercent { get; init; }

    /// <summary>
    /// Of a hundred migrations that <see cref="Migrations"/> does not name, so many go wrong, in a way that the seed chooses.
    /// </summary>
    public int FailingMigrationPercent { get; init; }

    public GuestBehaviour BehaviourOf(Guid domain, PciAddress device) =>
        Guests.FirstOrDefault(guest => guest.IsOf(domain, device))?.Behaviour
            ?? Chosen($"{domain} {device}", UnwillingPercent, Unwilling);

    /// <param name="domain">The domain that migrates.</param>
    /// <param name="attempt">How often it was migrated from this host, for chance to differ.</param>
    public MigrationFault FaultOf(Guid domain, int attempt) =>
        Migrations.Count > 0 ? Migrations[0] : Chosen($"{domain} {attempt}", FailingMigrationPercent, Failing);

    private T Chosen<T>(string whom, int percent, T[] choices)
        where T : struct, Enum
    {
        if (percent == 0) return default;
        // FNV-1a: the framework's own hash differs from process to process.
        var hash = 2166136261u;
        foreach (var character in $"{Seed} {whom}") hash = (hash ^ character) * 16777619;
        return hash / 128 % 100 < percent ? choices[hash % (uint)choices.Length] : default;
    }
}
