using PciBus.Management.Events;
using PciBus.Management.PciDevices;

namespace PciBus.Management.Api.PciDevices;

[ApiCommand(
    "releasePciDevice",
    "Takes a PCI device out of quarantine, once its host has reset it and found it clean",
    Response = typeof(PciDeviceResponse),
    IsAsync = true)]
internal sealed class ReleasePciDeviceCmd(ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the device", Required = true, Entity = typeof(PciDevice))]
    public long Id { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var request = Job(EventTypes.PciDeviceRelease, "taking a device out of quarantine");
        return transactions.BeginAsync<PciDeviceAdministrationManager>(
            devices => devices.BeginReleaseAsync(Id, request, cancellationToken), cancellationToken);
    }
}
