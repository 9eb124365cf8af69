namespace PciBus.Management.Hosts.Maintenance;

/// <summary>What happens to virtual machines that cannot be moved away from a host that is to be emptied.</summary>
internal enum PciStrategy
{
    /// <summary>Nothing is begun unless all can be moved.</summary>
    Refuse,

    /// <summary>They are waited for: until there is room, or they leave by themselves.</summary>
    Wait,

    /// <summary>They are stopped.</summary>
    Stop,
}
