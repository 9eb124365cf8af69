using System.Xml.Linq;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Devices that come and go while a domain runs. They are named by alias, as events name nothing else.</summary>
internal sealed partial class LibvirtHypervisor
{
    /// <summary>So long libvirt itself waits for a guest, when it waits.</summary>
    private static readonly TimeSpan DetachWindow = TimeSpan.FromSeconds(5);

    private readonly LibvirtDeviceNames _names = new();
    private readonly Lock _gate = new();
    private readonly List<(Guid Domain, string Alias, WakeUp Wake)> _windows = [];

    public event Action<DeviceEvent>? DeviceChanged;

    public async Task DetachDeviceAsync(Guid uuid, PciAddress device, CancellationToken cancellationToken)
    {
        if (await FindDeviceAsync(uuid, device, cancellationToken) is { Alias: { } alias } held)
        {
            Remember(uuid, held);
            await DetachAsync(uuid, alias, cancellationToken);
            return;
        }

        // libvirt shall say what is missing.
        var xml = LibvirtDeviceXml.Write(device).ToString(SaveOptions.DisableFormatting);
        await ChangeAsync(
            uuid, connection => connection.DetachDeviceAsync(uuid, xml, LibvirtDeviceTarget.Live, cancellationToken), cancellationToken);
    }

    public async Task AttachDeviceAsync(Guid uuid, PciDeviceTO device, string? guestAddress, CancellationToken cancellationToken)
    {
        var place = await FreePlaceAsync(uuid, guestAddress, cancellationToken);
        await AttachAsync(uuid, LibvirtDeviceXml.Write(device, place), device.Address, cancellationToken);
    }

    /// <summary>
    /// Asks the guest to let go of a device. Several at once take no longer: libvirt itself would wait for one after the other.
    /// </summary>
    /// <inheritdoc cref="DetachDeviceAsync"/>
    /// <param name="alias">The device.</param>
    internal async Task DetachAsync(Guid uuid, string alias, CancellationToken cancellationToken)
    {
        var window = (uuid, alias, Wake: new WakeUp(_timeProvider));
        lock (_gate) _windows.Add(window);
        var began = _timeProvider.GetTimestamp();
        try
        {
            await ChangeAsync(uuid, connection => connection.AskToDetachAsync(uuid, alias, cancellationToken), cancellationToken);
            await window.Wake.WaitAsync(DetachWindow, cancellationToken);
        }
        finally
        {
            lock (_gate) _windows.Remove(window);
            LogTook(uuid, "the guest's letting go", (long)_timeProvider.GetElapsedTime(began).TotalMilliseconds);
        }
    }

    /// <param name="uuid">The domain.</param>
    /// <param name="xml">The device, with an alias.</param>
    /// <param name="device">The host's device that events of this alias are about.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    internal Task AttachAsync(Guid uuid, XElement xml, PciAddress device, CancellationToken cancellationToken)
    {
        _names.Remember(uuid, xml.Element("alias")!.Attribute("name")!.Value, device);
        var text = xml.ToString(SaveOptions.DisableFormatting);
        return ChangeAsync(
            uuid, connection => connection.AttachDeviceAsync(uuid, text, LibvirtDeviceTarget.Live, cancellationToken), cancellationToken);
    }

    private Task<LibvirtHostDevice?> FindDeviceAsync(Guid uuid, PciAddress device, CancellationToken cancellationToken) => LookAsync(
        async connection => await FindLiveAsync(connection, uuid, cancellationToken) is { } domain
            ? LibvirtDomainReader.DevicesOf(domain).FirstOrDefault(held => held.Address == device)
            : null,
        cancellationToken);

    /// <summary>Where the guest shall see a device, if the domain has a port there and nothing in it.</summary>
    private async Task<PciAddress?> FreePlaceAsync(Guid uuid, string? guestAddress, CancellationToken cancellationToken)
    {
        if (!PciAddress.TryParse(guestAddress, out var place, out _)) return null;
        var isFree = await LookAsync(
            async connection => await FindLiveAsync(connection, uuid, cancellationToken) is { } domain
                && LibvirtDomainReader.IsFree(domain, place),
            cancellationToken);
        return isFree ? place : null;
    }

    private void Remember(Guid uuid, LibvirtHostDevice device)
    {
        if (device.Alias is { } alias) _names.Remember(uuid, alias, device.Address);
    }

    private void HearOfDevice(Guid uuid, string alias, bool removed)
    {
        if (_names.Find(uuid, alias) is { } device) DeviceChanged?.Invoke(new DeviceEvent(uuid, device, removed));
        // What it was is not known: whoever needs to know looks at the domain.
        else Changed?.Invoke();
        lock (_gate)
        {
            foreach (var window in _windows.Where(window => window.Domain == uuid && window.Alias == alias)) window.Wake.Set();
        }
    }
}
