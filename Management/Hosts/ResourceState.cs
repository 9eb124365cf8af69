namespace PciBus.Management.Hosts;

/// <summary>What the operator wants of the host; CloudStack's <c>ResourceState</c>.</summary>
internal enum ResourceState
{
    Creating,
    Enabled,
    Disabled,
    PrepareForMaintenance,
    ErrorInPrepareForMaintenance,
    ErrorInMaintenance,
    Maintenance,
    Degraded,
    Error,
}
