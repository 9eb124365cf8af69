namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>A domain as libvirt shows it.</summary>
/// <param name="Uuid">Its uuid.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">What it does.</param>
/// <param name="Reason">Why, as libvirt numbers it for each state (virDomain...Reason).</param>
/// <param name="Xml">Its live definition; the persistent one when it does not run.</param>
internal sealed record LibvirtDomain(Guid Uuid, string Name, LibvirtDomainState State, int Reason, string Xml);
