using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Api.Pods;

[ApiCommand("updatePod", "Lets a pod take new virtual machines, or not; those that it has stay", Response = typeof(PodResponse))]
internal sealed class UpdatePodCmd(PciBusDbContext database, ApiTransactions transactions) : ApiCommand
{
    [ApiParameter("id", "the pod", Required = true, Entity = typeof(Pod))]
    public long Id { get; set; }

    [ApiParameter("allocationstate", "Enabled or Disabled")]
    public AllocationState? AllocationState { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        if (AllocationState is { } wanted)
        {
            await transactions.RunAsync<PlaceAllocationManager>(
                places => places.SetPodAsync(Id, wanted, Caller, cancellationToken), cancellationToken);
        }

        var pod = database.Set<Pod>().AsNoTracking().Where(row => row.Id == Id);
        return ApiAnswer.Of((await ListPodsCmd.Describe(database, pod).ToListAsync(cancellationToken)).Single());
    }
}
