using System.Collections.Concurrent;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// Which device of the host the aliases of a domain stand for, as far as the domain was seen with them: an event comes when the domain
/// does not show the device any more, and tells the alias alone.
/// </summary>
internal sealed class LibvirtDeviceNames
{
    private readonly ConcurrentDictionary<Guid, ConcurrentDictionary<string, PciAddress>> _domains = new();

    public void Remember(Guid domain, string alias, PciAddress device) => _domains.GetOrAdd(domain, _ => new())[alias] = device;

    public PciAddress? Find(Guid domain, string alias) =>
        _domains.TryGetValue(domain, out var devices) && devices.TryGetValue(alias, out var device) ? device : null;

    /// <summary>The domain has ended here.</summary>
    public void Forget(Guid domain) => _domains.TryRemove(domain, out _);
}
