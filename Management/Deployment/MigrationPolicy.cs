using PciBus.Management.PciDevices;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Deployment;

/// <summary>Whether a virtual machine may be migrated live, wherever to.</summary>
internal static class MigrationPolicy
{
    /// <summary>Why it may not, for the caller; null when it may. A virtual machine without PCI devices always may.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <param name="offering">Its offering.</param>
    /// <param name="devices">The devices that it must be given on another host.</param>
    public static string? WhyNot(VirtualMachine vm, ServiceOffering offering, PciDeviceNames devices) =>
        devices.IsEmpty || offering.PciMigration == PciMigration.DetachAttach
            ? null
            : $"Unsupported operation, {vm.Name} has PCI devices ({devices.Listed}) and its offering {offering.Name} has "
                + "pcimigration=Forbid: it is not migrated live. With pcimigration=DetachAttach an offering allows that the devices are "
                + "away for the time of a migration";
}
