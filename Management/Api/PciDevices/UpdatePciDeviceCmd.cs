using Microsoft.EntityFrameworkCore;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api.PciDevices;

[ApiCommand("updatePciDevice", "Renames a PCI device; whoever owns it keeps it", Response = typeof(PciDeviceResponse))]
internal sealed class UpdatePciDeviceCmd(PciBusDbContext database, PciDeviceQueries queries, ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the device", Required = true, Entity = typeof(PciDevice))]
    public long Id { get; set; }

    [ApiParameter("name", "the name by which offerings ask for it; empty = as its host reports it", Required = true, MayBeEmpty = true)]
    public string Name { get; set; } = "";

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var name = Name.Trim();
        await transactions.RunAsync<PciDeviceAdministrationManager>(
            devices => devices.RenameAsync(Id, name.Length > 0 ? name : null, Caller, cancellationToken), cancellationToken);
        var device = database.Set<PciDevice>().AsNoTracking().Where(row => row.Id == Id);
        return ApiAnswer.Of((await queries.Describe(device).ToListAsync(cancellationToken)).Single());
    }
}
