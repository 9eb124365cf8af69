namespace PciBus.Management.Hosts.Capacity;

/// <summary>Whether a host takes virtual machines: Up, Enabled and with a stored report.</summary>
internal enum CapacityState
{
    Enabled,
    Disabled,
}
