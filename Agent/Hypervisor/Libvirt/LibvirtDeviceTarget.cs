namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>virDomainModificationImpact: what of a domain is changed.</summary>
[Flags]
internal enum LibvirtDeviceTarget : uint
{
    /// <summary>The running domain, or the definition of one that does not run.</summary>
    Current = 0,

    /// <summary>The running domain. A detach is a request to its guest; the domain tells what became of it.</summary>
    Live = 1,

    /// <summary>The definition, at once and without an event. A transient domain has none.</summary>
    Definition = 2,
}
