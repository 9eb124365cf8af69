namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>The errors of libvirt by which PciBus decides.</summary>
internal enum LibvirtFailure
{
    /// <summary>Any other: the message is for a human being.</summary>
    Other,

    /// <summary>There is no such domain, or none any more.</summary>
    NoDomain,

    /// <summary>The host has no such network, or none any more.</summary>
    NoNetwork,

    /// <summary>The host has no such device.</summary>
    NoNodeDevice,

    /// <summary>The domain does not have the device.</summary>
    DeviceMissing,

    /// <summary>This driver, or its version, cannot do it.</summary>
    NotSupported,

    /// <summary>It is not possible in the state that the domain or the device is in; nothing was done.</summary>
    Invalid,

    /// <summary>The hypervisor tried and failed.</summary>
    Failed,

    /// <summary>libvirt waited for another job of the domain, and gave up; nothing was done.</summary>
    TimedOut,

    /// <summary>The job, e.g. a migration, was aborted by somebody.</summary>
    Aborted,

    /// <summary>The connection to a libvirtd broke, or is not answered: what was asked may still be carried out.</summary>
    Connection,
}
