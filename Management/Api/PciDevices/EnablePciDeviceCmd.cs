using PciBus.Management.PciDevices;

namespace PciBus.Management.Api.PciDevices;

[ApiCommand("enablePciDevice", "Lets a PCI device be given out")]
internal sealed class EnablePciDeviceCmd(ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the device", Required = true, Entity = typeof(PciDevice))]
    public long Id { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        await transactions.RunAsync<PciDeviceAdministrationManager>(
            devices => devices.EnableAsync(Id, enabled: true, Caller, cancellationToken), cancellationToken);
        return ApiAnswer.Success();
    }
}
