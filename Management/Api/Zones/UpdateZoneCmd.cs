using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Api.Zones;

[ApiCommand("updateZone", "Lets a zone take new virtual machines, or not; those that it has stay", Response = typeof(ZoneResponse))]
internal sealed class UpdateZoneCmd(PciBusDbContext database, ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the zone", Required = true, Entity = typeof(Zone))]
    public long Id { get; set; }

    [ApiParameter("allocationstate", "Enabled or Disabled")]
    public AllocationState? AllocationState { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        if (AllocationState is { } wanted)
        {
            await transactions.RunAsync<PlaceAllocationManager>(
                places => places.SetZoneAsync(Id, wanted, Caller, cancellationToken), cancellationToken);
        }

        var zone = database.Set<Zone>().AsNoTracking().Where(row => row.Id == Id);
        return ApiAnswer.Of((await ListZonesCmd.Describe(database, zone).ToListAsync(cancellationToken)).Single());
    }
}
