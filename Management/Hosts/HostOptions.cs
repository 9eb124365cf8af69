namespace PciBus.Management.Hosts;

/// <summary>How hosts are treated.</summary>
internal sealed record HostOptions
{
    /// <summary>How often agents ping. Default 60 seconds (CloudStack's <c>ping.interval</c>).</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long agents may take to come back after the broker or management was away. Default 30 seconds.</summary>
    public TimeSpan AgentReturnTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many times its CPU a host may give away. Default 1 (CloudStack's <c>cpu.overprovisioning.factor</c>).</summary>
    public decimal CpuOverprovisioningFactor { get; init; } = 1;
}
