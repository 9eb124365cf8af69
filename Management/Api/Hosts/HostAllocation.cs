namespace PciBus.Management.Api.Hosts;

/// <summary>What an operator tells a host; CloudStack's words.</summary>
internal enum HostAllocation
{
    Enable,
    Disable,
}
