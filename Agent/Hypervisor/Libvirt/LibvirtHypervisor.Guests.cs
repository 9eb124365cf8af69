using PciBus.Agent.Registration;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>What guests need of the host beside its PCI devices. libvirt would find it missing when much has been done already.</summary>
internal sealed partial class LibvirtHypervisor
{
    public Task<string?> ObjectionToRunAsync(VirtualMachineTO vm, CancellationToken cancellationToken) =>
        NetworkProblemAsync(cancellationToken);

    /// <summary>What the settings name, and the host lacks.</summary>
    public async Task<IReadOnlyList<string>> ListProblemsAsync(CancellationToken cancellationToken) =>
        await NetworkProblemAsync(cancellationToken) is { } problem ? [problem] : [];

    private async Task<string?> NetworkProblemAsync(CancellationToken cancellationToken)
    {
        if (_settings.Network is not { } network) return null;
        var setting = $"{LibvirtProperties.NetworkKey}={network}";
        if (network.IsBridge)
        {
            return _sysfs.Exists($"class/net/{network.Name}/bridge") ? null : $"{setting}: this host has no bridge {network.Name}";
        }

        return await LookAsync(connection => connection.IsNetworkActiveAsync(network.Name, cancellationToken), cancellationToken) switch
        {
            true => null,
            false => $"{setting}: libvirt's network {network.Name} is not active",
            null => $"{setting}: libvirt has no network {network.Name}",
        };
    }
}
