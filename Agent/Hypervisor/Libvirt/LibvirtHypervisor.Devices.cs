using PciBus.Agent.Hypervisor.Libvirt.Native;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>The host's PCI devices: given to domains and taken from them while they run, got ready, reset.</summary>
internal sealed partial class LibvirtHypervisor
{
    public Task DetachDeviceAsync(Guid uuid, PciAddress device, CancellationToken cancellationToken) => OnDomainAsync(
        $"the detach of {device}",
        Change,
        uuid,
        (domain, abandoned) =>
        {
            // By its alias libvirt does not wait for the guest, so that many devices leave at once.
            var held = DomainXml.Read(domain.Xml()).HostDevices.FirstOrDefault(held => held.Address == device);
            abandoned.ThrowIfCancellationRequested();
            if (held?.Alias is { } alias) domain.DetachAlias(alias);
            else domain.Detach(DomainXmlWriter.Write(new PciDeviceTO { Address = device }, null));
        },
        cancellationToken);

    public async Task AttachDeviceAsync(Guid uuid, PciDeviceTO device, string? guestAddress, CancellationToken cancellationToken)
    {
        if (await ReadyPciDeviceAsync(device.Address, cancellationToken) is { } obstacle) throw NotHandedOut(device.Address, obstacle);
        await OnDomainAsync(
            $"the attach of {device.Address}",
            Pin,
            uuid,
            (domain, abandoned) =>
            {
                var isTaken = guestAddress is not null && DomainXml.Read(domain.Xml()).TakenGuestAddresses.Contains(guestAddress);
                _attaching.AddOrUpdate(uuid, 1, (_, count) => count + 1);
                try
                {
                    abandoned.ThrowIfCancellationRequested();
                    domain.Attach(DomainXmlWriter.Write(device, isTaken ? null : guestAddress));
                }
                finally
                {
                    // Only one that has come to 0 goes: another attach may have begun.
                    if (_attaching.AddOrUpdate(uuid, 0, (_, count) => count - 1) <= 0) _attaching.TryRemove(new(uuid, 0));
                }
            },
            cancellationToken);
    }

    public Task<PciDeviceTO?> FindPciDeviceAsync(PciAddress address, CancellationToken cancellationToken) =>
        OnBusAsync($"a look at {address}", _ => _pci.Find(address)?.ToDevice(), cancellationToken);

    public Task<string?> FindPciObstacleAsync(PciAddress address, CancellationToken cancellationToken) =>
        OnBusAsync($"a look at {address}", _ => _pci.ObstacleOf(address), cancellationToken);

    public Task<string?> ReadyPciDeviceAsync(PciAddress address, CancellationToken cancellationToken) =>
        OnBusAsync($"the binding of {address}", abandoned => _pci.Ready(address, abandoned), cancellationToken);

    public async Task ResetPciDeviceAsync(PciAddress address, CancellationToken cancellationToken)
    {
        var domains = await ListDomainsAsync(cancellationToken);
        if (domains.Any(domain => domain.PciDevices.Contains(address))) throw Internal($"Not resetting active device {address}");
        if (await FindPciDeviceAsync(address, cancellationToken) is null) throw NoNodeDevice(address);
        // Not by libvirt, which resets nothing that vfio-pci has, and says that it did.
        if (await OnBusAsync($"the reset of {address}", abandoned => _pci.Reset(address, abandoned), cancellationToken) is { } trouble) throw Internal(trouble);
    }

    private async Task<T> OnBusAsync<T>(string what, Func<CancellationToken, T> call, CancellationToken cancellationToken)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _life.Token);
        return await _threads.RunAsync(what, Change, null, call, given.Token);
    }

    private static HypervisorException Internal(string what) => new(LibvirtError.InternalError, 0, $"internal error: {what}");

    private static HypervisorException NoNodeDevice(PciAddress address) => new(
        LibvirtError.NoNodeDevice, 22, $"Node device not found: no node device with matching name 'pci_{address.ToString().Replace(':', '_').Replace('.', '_')}'");

    private static HypervisorException NotHandedOut(PciAddress address, string obstacle) => new(
        LibvirtError.OperationInvalid, 0, $"Requested operation is not valid: PCI device {address} is not handed out: {obstacle}");
}
