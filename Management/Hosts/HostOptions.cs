using PciBus.Management.Configuration;
using PciBus.Management.Hosts.Fencing;

namespace PciBus.Management.Hosts;

/// <summary>How hosts are treated.</summary>
internal sealed record HostOptions
{
    [Setting("host.admission", SettingCategory.Bus,
        "which hosts are heard: joined, those that joined, each by its own user on the broker; open, any that announces itself: "
        + "whoever reaches the broker is trusted")]
    public HostAdmission Admission { get; init; } = HostAdmission.Joined;

    [Setting("ping.interval", SettingCategory.Hosts, "how often agents ping")]
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(10);

    [Setting("ping.timeout", SettingCategory.Hosts,
        "after how many ping intervals without a word a host is asked whether it is there; one more, and it is in Alert", Max = 1000)]
    public decimal PingTimeout { get; init; } = 2.5m;

    [Setting("alert.wait", SettingCategory.Hosts, "how long a host may be Disconnected before it is in Alert")]
    public TimeSpan AlertWait { get; init; } = TimeSpan.FromMinutes(30);

    [Setting("agent.return.time", SettingCategory.Hosts, "how long agents may take to come back after the broker or management was away")]
    public TimeSpan AgentReturnTime { get; init; } = TimeSpan.FromSeconds(30);

    public FencingOptions Fencing { get; init; } = new();

    [Setting("cpu.overprovisioning.factor", SettingCategory.Hosts, "how many times its CPU a host may give away", Min = 0.1, Max = 100)]
    public decimal CpuOverprovisioningFactor { get; init; } = 1.0m;

    [Setting("restart.retry.interval", SettingCategory.VirtualMachines,
        "how long after a failed restart a highly available virtual machine is started again", Before = "repair.retry.interval")]
    public TimeSpan RestartRetryInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long an agent may take to announce itself when it is asked to, and to reset a device.</summary>
    [Setting("command.timeout")]
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(2);
}
