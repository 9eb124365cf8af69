using PciBus.Management.Jobs;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Api.VirtualMachines;

/// <summary>Creates virtual machines that are not started: nothing has to be waited for, so the job ends as it begins.</summary>
internal sealed class UnstartedVirtualMachineManager(PciBusDbContext database, VirtualMachineManager virtualMachines, AsyncJobManager jobs)
{
    public async Task<AsyncJob> CreateAsync(VirtualMachine vm, JobRequest request, CancellationToken cancellationToken)
    {
        await virtualMachines.CreateAsync(vm, cancellationToken);
        var job = jobs.Begin(request, JobInstanceType.VirtualMachine, vm.Id);
        await database.SaveChangesAsync(cancellationToken);
        await jobs.EndAsync(job.Id, failure: null, cancellationToken);
        return job;
    }
}
