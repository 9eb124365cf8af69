namespace PciBus.Management.Hosts.Capacity;

/// <summary>Whether a host takes virtual machines: Up, Enabled, with a stored report, and in a zone, pod and cluster that are Enabled.</summary>
internal enum CapacityState
{
    Enabled,
    Disabled,
}
