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

    /// <summary>Asks the guest to let go of a device, and waits for nothing: <see cref="LibvirtEvent.DeviceRemoved"/> tells.</summary>
    /// <param name="uuid">The domain.</param>
    /// <param name="alias">The device, by the alias that the domain shows.</param>
    /// <param name="cancellationToken">Gives up waiting; the call goes on.</param>
    public Task AskToDetachAsync(Guid uuid, string alias, CancellationToken cancellationToken) =>
        ChangeAsync(
            "virDomainDetachDeviceAlias", uuid,
            domain => LibvirtNative.virDomainDetachDeviceAlias(domain, alias, (uint)LibvirtDeviceTarget.Live), cancellationToken);

    /// <summary>Names of the host's devices, e.g. <c>pci_0000_28_00_1</c>.</summary>
    public Task<IReadOnlyList<string>> ListNodeDevicesAsync(LibvirtNodeDevices which, CancellationToken cancellationToken) =>
        RunAsync("virConnectListAllNodeDevices", LibvirtDeadlines.Look,
            connection => LibvirtMemory.NodeDevices(connection, (uint)which, LibvirtNative.virNodeDeviceGetName), cancellationToken);

    /// <summary>What libvirt knows of a device of the host.</summary>
    public Task<string> GetNodeDeviceXmlAsync(string name, CancellationToken cancellationToken) =>
        OnNodeDeviceAsync("virNodeDeviceGetXMLDesc", LibvirtDeadlines.Look, name,
            device => LibvirtSession.Checked(LibvirtNative.virNodeDeviceGetXMLDesc(device, 0)), cancellationToken);

    /// <summary>Resets a device of the host; refused when a domain has it.</summary>
    public Task ResetNodeDeviceAsync(string name, CancellationToken cancellationToken) =>
        ChangeNodeDeviceAsync("virNodeDeviceReset", name, LibvirtNative.virNodeDeviceReset, cancellationToken);

    /// <summary>Takes a device from its host driver and binds it to vfio-pci; done already, it is no error.</summary>
    public Task DetachNodeDeviceAsync(string name, CancellationToken cancellationToken) =>
        ChangeNodeDeviceAsync(
            "virNodeDeviceDetachFlags", name, device => LibvirtNative.virNodeDeviceDetachFlags(device, null, 0), cancellationToken);

    /// <summary>Gives a device back to its host driver.</summary>
    public Task ReattachNodeDeviceAsync(string name, CancellationToken cancellationToken) =>
        ChangeNodeDeviceAsync("virNodeDeviceReAttach", name, LibvirtNative.virNodeDeviceReAttach, cancellationToken);

    private Task<int> ChangeNodeDeviceAsync(
        string what, string name, Func<LibvirtNodeDeviceHandle, int> call, CancellationToken cancellationToken) =>
        OnNodeDeviceAsync(what, LibvirtDeadlines.Change, name, device => LibvirtSession.Checked(call(device)), cancellationToken);

    private Task<T> OnNodeDeviceAsync<T>(
        string what, TimeSpan deadline, string name, Func<LibvirtNodeDeviceHandle, T> call, CancellationToken cancellationToken) =>
        RunAsync($"{what} {name}", deadline, connection =>
        {
            using var device = LibvirtNative.virNodeDeviceLookupByName(connection, name);
            return device.IsInvalid ? throw LibvirtException.OfThisThread() : call(device);
        }, cancellationToken);
}
