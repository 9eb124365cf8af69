using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Simulated;

/// <summary>The errors of real libvirt that the simulator reproduces, numbers and words.</summary>
internal static class LibvirtErrors
{
    public static HypervisorException DeviceInUse(PciAddress address, string domain) =>
        new(55, 0, $"Requested operation is not valid: PCI device {address} is in use by driver QEMU, domain {domain}");

    public static HypervisorException NoSuchHostDevice(PciAddress address) =>
        new(1, 10, "internal error: process exited while connecting to monitor: qemu-system-x86_64: -device "
            + $"{{\"driver\":\"vfio-pci\",\"host\":\"{address}\"}}: vfio /sys/bus/pci/devices/{address}: no such host device: "
            + "No such file or directory");

    public static HypervisorException SameDeviceTwice() =>
        new(27, 20, "XML error: Hostdev already exists in the domain configuration");

    public static HypervisorException NameTaken(string name, Guid uuid) =>
        new(9, 20, $"operation failed: domain '{name}' already exists with uuid {uuid}");

    public static HypervisorException AlreadyActive(string name) =>
        new(55, 20, $"Requested operation is not valid: domain '{name}' is already active");

    public static HypervisorException UuidTaken(string name, Guid uuid) =>
        new(9, 20, $"operation failed: domain '{name}' is already defined with uuid {uuid}");

    /// <summary>The guest cannot be asked to shut down.</summary>
    public static HypervisorException GuestNotRunning() =>
        new(55, 10, "Requested operation is not valid: domain is not running");

    /// <summary>The domain ended while it was migrated.</summary>
    public static HypervisorException EndedOnItsWay() => new(9, 20, "operation failed: domain is not running");

    public static HypervisorException NotRunning() =>
        new(55, 20, "Requested operation is not valid: domain is not running");

    public static HypervisorException NoDomain(Guid uuid) =>
        new(42, 10, $"Domain not found: no domain with matching uuid '{uuid}'");

    public static HypervisorException NoNodeDevice(PciAddress address) =>
        new(53, 22, "Node device not found: no node device with matching name "
            + $"'pci_{address.ToString().Replace(':', '_').Replace('.', '_')}'");

    public static HypervisorException NotResettingActive(PciAddress address) =>
        new(1, 0, $"internal error: Not resetting active device {address}");

    public static HypervisorException ResetFailed(PciAddress address) =>
        new(1, 0, $"internal error: Unable to reset PCI device {address}: no FLR, PM reset or bus reset available");

    public static HypervisorException DeviceMissing(PciAddress address) =>
        new(99, 10, $"device not found: host pci device {address} not found");

    public static HypervisorException CannotAdd(PciAddress address) =>
        new(1, 10, "internal error: unable to execute QEMU command 'device_add': "
            + $"vfio /sys/bus/pci/devices/{address}: no such host device: No such file or directory");

    public static HypervisorException NoMoreSlots() => new(1, 20, "internal error: No more available PCI slots");

    public static HypervisorException NotHotpluggable(string guestAddress) =>
        new(9, 10, "operation failed: cannot hot unplug hostdev device with PCI guest address: "
            + $"{guestAddress} - not allowed by controller");

    public static HypervisorException GuestBusy() =>
        new(1, 10, "internal error: unable to execute QEMU command 'device_del': guest is busy (power indicator blinking)");

    public static HypervisorException RejectedByGuest() => new(9, 10, "operation failed: unplug of device was rejected by the guest");

    public static HypervisorException AlreadyUnplugging(PciAddress address) =>
        new(1, 10, $"internal error: unable to execute QEMU command 'device_del': Device {address} is already in the process of unplug");

    public static HypervisorException CannotLock() =>
        new(
            68,
            0,
            "Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainMigratePerform3Params)");

    public static HypervisorException HasPciDevice(PciAddress address) =>
        new(55, 10, $"Requested operation is not valid: cannot migrate domain: {address}: VFIO migration is not supported in kernel");

    public static HypervisorException MigrationCanceled() =>
        new(78, 10, "operation aborted: job 'migration out' canceled by client");

    public static HypervisorException MigrationFailed() =>
        new(9, 10, "operation failed: job 'migration out' unexpectedly failed");

    public static HypervisorException NoJob() =>
        new(55, 10, "Requested operation is not valid: no job is active on the domain");

    public static HypervisorException SameHost() => new(1, 10, "internal error: Attempt to migrate guest to the same host");

    public static HypervisorException ConnectionRefused(string uri) =>
        new(38, HypervisorException.RpcDomain, $"unable to connect to server at '{uri}': Connection refused");

    public static HypervisorException CannotWrite(string why) =>
        new(38, 10, $"internal error: unable to write the domain's state: {why}");

    public static HypervisorException ProcessExited() =>
        new(1, 10, "internal error: process exited while connecting to monitor");

    public static HypervisorException Failed(string text) => new(1, 10, text);

    public static HypervisorException SocketClosed() =>
        new(1, HypervisorException.RpcDomain, "internal error: client socket is closed");

    public static HypervisorException Unreachable() =>
        new(38, HypervisorException.RpcDomain, "Failed to connect socket to '/var/run/libvirt/virtqemud-sock': Connection refused");
}
