using PciBus.Management.Configuration;
using PciBus.Management.Drain;
using PciBus.Management.Hosts;

namespace PciBus.Management.Workflows;

/// <summary>How patient workflows are. No safety rests on it: only how soon callers are told, and hosts asked again.</summary>
internal sealed record WorkflowOptions
{
    /// <summary>All devices together.</summary>
    [Setting("migrate.detach.wait", SettingCategory.VirtualMachines,
        "how long a guest may take to let go of its PCI devices, where its offering does not say")]
    public TimeSpan DetachWait { get; init; } = TimeSpan.FromSeconds(30);

    [Setting("migrate.wait", SettingCategory.VirtualMachines,
        "after how long a live migration that has not ended is given up, where its offering does not say")]
    public TimeSpan MigrateWait { get; init; } = TimeSpan.FromHours(1);

    [Setting("migrate.vm.across.clusters", SettingCategory.VirtualMachines,
        "whether virtual machines may be migrated to hosts of other clusters of the zone")]
    public bool MigrateAcrossClusters { get; init; } = new DrainOptions().AcrossClusters;

    [Setting("start.retry", SettingCategory.VirtualMachines, "hosts that a start tries before it gives up", Max = 1000)]
    public int StartRetry { get; init; } = 10;

    [Setting("repair.retry.interval", SettingCategory.VirtualMachines,
        "how long after a failed attempt a virtual machine that lacks a PCI device is given it again; "
        + "each time twice as long, up to 16 times")]
    public TimeSpan RepairRetryInterval { get; init; } = TimeSpan.FromMinutes(1);

    [Setting("command.timeout", SettingCategory.VirtualMachines, "how long a host may take to start, reboot or check")]
    public TimeSpan CommandTimeout { get; init; } = new HostOptions().CommandTimeout;

    /// <summary>The command waits 30 seconds longer.</summary>
    [Setting("stop.timeout", SettingCategory.VirtualMachines, "how long a guest may take to shut down")]
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromMinutes(1);

    [Setting("check.interval", SettingCategory.VirtualMachines, "how soon a host that could not say is asked again")]
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(5);

    [Setting("vm.job.timeout", SettingCategory.VirtualMachines, "after how long a job ends although its host has not spoken")]
    public TimeSpan JobTimeout { get; init; } = TimeSpan.FromMinutes(10);
}
