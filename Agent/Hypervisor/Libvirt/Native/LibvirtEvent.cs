namespace PciBus.Agent.Hypervisor.Libvirt.Native;

/// <summary>What libvirt tells of a domain.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Domain">The domain's uuid; empty for <see cref="LibvirtEventKind.Closed"/>.</param>
/// <param name="Alias">The device's alias; null where it is not about one.</param>
internal sealed record LibvirtEvent(LibvirtEventKind Kind, Guid Domain, string? Alias = null);
