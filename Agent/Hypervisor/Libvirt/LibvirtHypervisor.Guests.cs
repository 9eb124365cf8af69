using PciBus.Agent.Registration;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>What guests need of the host beside its PCI devices. libvirt would find it missing when much has been done already.</summary>
internal sealed partial class LibvirtHypervisor
{
    public async Task<string?> ObjectionToRunAsync(VirtualMachineTO vm, CancellationToken cancellationToken)
    {
        if (vm.PciDevices.Count > 0 && _memory.ObjectionToLock(vm.MaxRam) is { } lacks) return lacks;
        if (await NetworkProblemAsync(cancellationToken) is { } problem) return problem;
        try
        {
            await FindPartsAsync(vm, cancellationToken);
            return null;
        }
        catch (HypervisorException e)
        {
            // libvirt has not been asked: this is about files.
            return e.Message;
        }
    }

    /// <summary>What the settings name, and the host lacks.</summary>
    public async Task<IReadOnlyList<string>> ListProblemsAsync(CancellationToken cancellationToken)
    {
        string?[] problems = [await NetworkProblemAsync(cancellationToken), await _disks.FindProblemAsync(cancellationToken)];
        return [.. problems.OfType<string>()];
    }

    /// <summary>What a guest gets; its disk is there, or may be made.</summary>
    /// <exception cref="HypervisorException">The host lacks its template or its disk, and why.</exception>
    private async Task<GuestParts> FindPartsAsync(VirtualMachineTO vm, CancellationToken cancellationToken)
    {
        var template = _templates.Find(vm.Template);
        return new GuestParts
        {
            Kernel = template.Kernel,
            Disk = await _disks.FindAsync(vm, template.Disk, cancellationToken),
            Network = _settings.Network,
            ConsoleFolder = _settings.ConsoleFolder,
        };
    }

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
