namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>virConnectCloseReason.</summary>
internal enum LibvirtCloseReason
{
    Error = 0,

    /// <summary>libvirtd ended.</summary>
    EndOfFile = 1,

    /// <summary>libvirtd did not answer keepalive messages.</summary>
    KeepAlive = 2,

    /// <summary>This side closed it.</summary>
    Client = 3,
}
