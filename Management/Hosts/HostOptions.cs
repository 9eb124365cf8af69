using PciBus.Management.Hosts.Fencing;

namespace PciBus.Management.Hosts;

/// <summary>How hosts are treated.</summary>
internal sealed record HostOptions
{
    /// <summary>How often agents ping. Default 60 seconds (CloudStack's <c>ping.interval</c>).</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// After how many ping intervals of silence a host is asked whether it is there; one more, and it is in Alert. Default 2.5
    /// (CloudStack's <c>ping.timeout</c>).
    /// </summary>
    public decimal PingTimeout { get; init; } = 2.5m;

    /// <summary>How long a host may be Disconnected before it is in Alert. Default 30 minutes (CloudStack's <c>alert.wait</c>).</summary>
    public TimeSpan AlertWait { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// How long after a failed restart a highly available virtual machine is started again. Default 10 minutes (CloudStack's
    /// <c>restart.retry.interval</c>).
    /// </summary>
    public TimeSpan RestartRetryInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long agents may take to come back after the broker or management was away. Default 30 seconds.</summary>
    public TimeSpan AgentReturnTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an agent may take to announce itself when it is asked to, and to reset a device. Default 2 minutes.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Which hosts management listens to. Default: those that joined.</summary>
    public HostAdmission Admission { get; init; } = HostAdmission.Joined;

    /// <summary>How hosts that are not heard are powered off. Default: not at all.</summary>
    public FencingOptions Fencing { get; init; } = new();

    /// <summary>How many times its CPU a host may give away. Default 1 (CloudStack's <c>cpu.overprovisioning.factor</c>).</summary>
    public decimal CpuOverprovisioningFactor { get; init; } = 1;
}
