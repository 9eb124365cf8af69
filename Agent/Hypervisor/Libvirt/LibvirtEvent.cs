namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>What libvirt tells unasked. An event may come late, and is lost while there is no connection.</summary>
internal abstract record LibvirtEvent
{
    /// <summary>A domain changed.</summary>
    /// <param name="Domain">Its uuid.</param>
    /// <param name="Change">What happened.</param>
    /// <param name="Detail">Why, as libvirt numbers it for each change (virDomainEvent...DetailType).</param>
    public sealed record LifeCycle(Guid Domain, LibvirtLifeCycle Change, int Detail) : LibvirtEvent;

    /// <summary>A domain has got a device.</summary>
    public sealed record DeviceAdded(Guid Domain, string Alias) : LibvirtEvent;

    /// <summary>A domain has lost a device, whoever asked for it.</summary>
    public sealed record DeviceRemoved(Guid Domain, string Alias) : LibvirtEvent;

    /// <summary>The guest refuses to let go of a device. That this does not come means nothing.</summary>
    public sealed record DeviceRemovalFailed(Guid Domain, string Alias) : LibvirtEvent;

    /// <summary>A job of a domain, e.g. a migration, has ended: in success or not.</summary>
    public sealed record JobCompleted(Guid Domain) : LibvirtEvent;

    /// <summary>The connection closed by itself. No event comes after it; what happened meanwhile is seen by listing.</summary>
    public sealed record ConnectionClosed(LibvirtCloseReason Reason) : LibvirtEvent;
}
