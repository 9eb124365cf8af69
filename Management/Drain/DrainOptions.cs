using PciBus.Management.Configuration;

namespace PciBus.Management.Drain;

/// <summary>How the emptying of hosts is planned.</summary>
internal sealed record DrainOptions
{
    [Setting("maintenance.parallel", SettingCategory.Hosts,
        "virtual machines that leave a host at once when it is emptied for maintenance", Max = 100)]
    public int Parallel { get; init; } = 2;

    [Setting("maintenance.attempts", SettingCategory.Hosts,
        "how often it is tried to move a virtual machine away for maintenance before that counts as failed", Max = 100)]
    public int Attempts { get; init; } = 3;

    [Setting("maintenance.retry.interval", SettingCategory.Hosts,
        "after a failed move for maintenance: when it is tried again; twice as long after each further failure")]
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(30);

    [Setting("maintenance.speed", SettingCategory.VirtualMachines,
        "MiB of RAM that a migration copies in a second: planHostMaintenance guesses by it how long devices are away",
        Max = 1_000_000, Before = "migrate.vm.across.clusters")]
    public int Speed { get; init; } = 1000;

    /// <summary>Whether virtual machines may leave the cluster.</summary>
    [Setting("migrate.vm.across.clusters")]
    public bool AcrossClusters { get; init; }

    /// <summary>How many other hosts a plan looks at. Default 200; not a setting.</summary>
    public int MostTargets { get; init; } = 200;

    public MoveEstimates Estimates => new(TimeSpan.FromSeconds(5), (long)Speed << 20);
}
