namespace PciBus.Management.Hosts;

/// <summary>Whether a host takes virtual machines: Up, Enabled and with a stored report.</summary>
internal enum CapacityState
{
    Enabled,
    Disabled,
}
