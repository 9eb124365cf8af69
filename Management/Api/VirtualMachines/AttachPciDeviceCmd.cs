using PciBus.Management.Events;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.AttachPciDevices;

namespace PciBus.Management.Api.VirtualMachines;

[ApiCommand(
    "attachPciDevice",
    "Attaches a PCI device of its host to a virtual machine that runs, which owns it until it is detached or the virtual machine stops",
    Response = typeof(VirtualMachineResponse),
    IsAsync = true)]
internal sealed class AttachPciDeviceCmd(PciBusDbContext database, WorkflowRunner runner) : HotplugCommand(database, runner)
{
    [ApiParameter("name", "any free device of this name; this or deviceid", MaxLength = PciDeviceName.MaxLength)]
    public string? Name { get; set; }

    [ApiParameter("deviceid", "this device; it or name", Entity = typeof(PciDevice))]
    public long? DeviceId { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        if (Name is null == DeviceId is null)
        {
            throw ApiException.InvalidParameter(
                Name is null
                    ? "Either name or deviceid must be given: which device is to be attached?"
                    : "Only one of name and deviceid can be given");
        }

        if (Name is not null && PciDeviceName.WhyNot(Name) is { } why) throw ApiException.InvalidParameter(why);
        return BeginAsync(
            WorkflowKind.AttachPciDevices, new AttachDocument { Name = Name, DeviceId = DeviceId }, "attached",
            EventTypes.PciDeviceAttach, vm => $"attaching {Name ?? "a device"} to VM {vm}", cancellationToken);
    }
}
