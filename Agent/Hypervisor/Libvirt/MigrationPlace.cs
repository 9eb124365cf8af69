using System.Globalization;
using PciBus.Agent.Registration;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>Whether this host has what a VM that runs elsewhere needs of it. What libvirt says itself before it begins is left to it.</summary>
internal sealed class MigrationPlace(KvmProperties settings, HostMachine machine, RootDisks disks)
{
    private const long MiB = 1 << 20;

    /// <summary>For the operator; null when nothing is missing.</summary>
    public string? ObstacleOf(VirtualMachineTO vm)
    {
        if (settings.MigrationUri.Length == 0) return "this host takes no migrations: set kvm.migration.uri or private.ip.address in its agent.properties";
        if (settings.Bridge is { } bridge && !machine.HasNetwork(bridge)) return $"this host has no bridge {bridge}, which its kvm.bridge names";
        if (disks.PathOf(vm) is { } disk && !File.Exists(disk)) return $"this host does not see the VM's disk {disk}: kvm.disks must be a folder that all hosts of the cluster share";
        foreach (var file in new[] { settings.Kernel, settings.Kernel is null ? null : settings.Initrd }.OfType<string>())
        {
            if (!File.Exists(file)) return $"this host has no {file}, which its agent.properties names for guests to boot";
        }

        // All of it is locked when the VM gets its first device; without one it is given out bit by bit.
        var free = machine.FreeMemory;
        return vm.PciDevices.Count > 0 && free < vm.MaxRam
            ? string.Create(CultureInfo.InvariantCulture, $"this host has {free / MiB} MiB of RAM available, and the VM with PCI devices needs {vm.MaxRam / MiB} MiB that can be locked")
            : null;
    }
}
