namespace PciBus.Management.Hosts;

/// <summary>Whether management hears the host; CloudStack's <c>Status</c>.</summary>
internal enum HostStatus
{
    Creating,
    Connecting,
    Up,
    Down,
    Disconnected,
    Alert,
    Removed,
    Error,
    Rebalancing,
}
