using Microsoft.EntityFrameworkCore;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.PciDevices;

[ApiCommand("disablePciDevice", "Gives a PCI device out no more; whoever owns it keeps it until it stops")]
internal sealed class DisablePciDeviceCmd(PciBusDbContext database, ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the device", Required = true, Entity = typeof(PciDevice))]
    public long Id { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        await transactions.RunAsync<PciDeviceAdministrationManager>(
            devices => devices.EnableAsync(Id, enabled: false, Caller, cancellationToken), cancellationToken);
        var owner = await database.Set<PciDevice>().Where(device => device.Id == Id)
            .Join(database.Set<VirtualMachine>(), device => device.InstanceId, vm => vm.Id, (device, vm) => vm.Name)
            .SingleOrDefaultAsync(cancellationToken);
        return ApiAnswer.Success(owner is null ? null : $"in use by {owner} until it stops");
    }
}
