namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Devices: of domains, and of the host.</summary>
internal sealed partial class LibvirtConnection
{
    /// <summary>Attaches a device to a domain.</summary>
    /// <param name="uuid">The domain.</param>
    /// <param name="xml">The device as domain XML has it, with an alias of its own: events name nothing else.</param>
    /// <param name="target">What is changed.</param>
    /// <param name="cancellationToken">Gives up waiting; the call goes on.</param>
    public Task AttachDeviceAsync(Guid uuid, string xml, LibvirtDeviceTarget target, CancellationToken cancellationToken) =>
        ChangeAsync(
            "virDomainAttachDeviceFlags", uuid,
            domain => LibvirtNative.virDomainAttachDeviceFlags(domain, xml, (uint)target), cancellationToken);

    /// <summary>
    /// Asks the guest to let go of a device, and waits some seconds for it. That it returns does not say that the device is gone.
    /// </summary>
    /// <inheritdoc cref="AttachDeviceAsync"/>
    public Task DetachDeviceAsync(Guid uuid, string xml, LibvirtDeviceTarget target, CancellationToken cancellationToken) =>
        ChangeAsync(
            "virDomainDetachDeviceFlags", uuid,
            domain => LibvirtNative.virDomainDetachDeviceFlags(domain, xml, (uint)target), cancellationToken);

    /// <summary>Names of the host's devices, e.g. <c>pci_0000_28_00_1</c>.</summary>
    public Task<IReadOnlyList<string>> ListNodeDevicesAsync(LibvirtNodeDevices which, CancellationToken cancellationToken) =>
        RunAsync("virConnectListAllNodeDevices", LibvirtDeadlines.Look,
            connection => LibvirtMemory.NodeDevices(connection, (uint)which, LibvirtNative.virNodeDeviceGetName), cancellationToken);

    /// <summary>What libvirt knows of a device of the host.</summary>
    public Task<string> GetNodeDeviceXmlAsync(string name, CancellationToken cancellationToken) =>
        RunAsync("virNodeDeviceGetXMLDesc", LibvirtDeadlines.Look, connection =>
        {
            using var device = LibvirtNative.virNodeDeviceLookupByName(connection, name);
            if (device.IsInvalid) throw LibvirtException.OfThisThread();
            return LibvirtSession.Checked(LibvirtNative.virNodeDeviceGetXMLDesc(device, 0));
        }, cancellationToken);
}
