using PciBus.Management.Events;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.DetachPciDevices;

namespace PciBus.Management.Api.VirtualMachines;

[ApiCommand(
    "detachPciDevice",
    "Has a virtual machine that runs let go of a PCI device, which is free when its host has cleaned it",
    Response = typeof(VirtualMachineResponse),
    IsAsync = true)]
internal sealed class DetachPciDeviceCmd(PciBusDbContext database, WorkflowRunner runner) : HotplugCommand(database, runner)
{
    [ApiParameter("deviceid", "the device", Required = true, Entity = typeof(PciDevice))]
    public long DeviceId { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken) => BeginAsync(
        WorkflowKind.DetachPciDevices, new DetachDocument(DeviceId), "detached",
        EventTypes.PciDeviceDetach, vm => $"detaching a device from VM {vm}", cancellationToken);
}
