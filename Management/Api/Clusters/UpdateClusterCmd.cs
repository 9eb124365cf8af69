using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Api.Clusters;

[ApiCommand(
    "updateCluster", "Lets a cluster take new virtual machines, or not; those that it has stay", Response = typeof(ClusterResponse))]
internal sealed class UpdateClusterCmd(PciBusDbContext database, ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the cluster", Required = true, Entity = typeof(Cluster))]
    public long Id { get; set; }

    [ApiParameter("allocationstate", "Enabled or Disabled")]
    public AllocationState? AllocationState { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        if (AllocationState is { } wanted)
        {
            await transactions.RunAsync<PlaceAllocationManager>(
                places => places.SetClusterAsync(Id, wanted, Caller, cancellationToken), cancellationToken);
        }

        var cluster = database.Set<Cluster>().AsNoTracking().Where(row => row.Id == Id);
        return ApiAnswer.Of((await ListClustersCmd.Describe(database, cluster).ToListAsync(cancellationToken)).Single());
    }
}
