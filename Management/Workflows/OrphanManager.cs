using Microsoft.EntityFrameworkCore;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows.MigrateVirtualMachine;

namespace PciBus.Management.Workflows;

/// <summary>
/// The net under the lines of workflows. A workflow is begun, queued and ended in one transaction with its virtual machine and
/// its job, so nothing should ever be found here.
/// </summary>
internal sealed partial class OrphanManager(
    PciBusDbContext database, VirtualMachineManager virtualMachines, AsyncJobManager jobs, TimeProvider time, ILogger<OrphanManager> logger)
{
    private const int PageSize = 200;

    /// <summary>
    /// Virtual machines whose holding workflow is gone or still waits itself, or for which workflows wait though none holds them.
    /// </summary>
    public async Task<IReadOnlyList<long>> FindLinesAsync(CancellationToken cancellationToken)
    {
        var headless = await database.Set<VirtualMachine>()
            .Where(vm => vm.WorkflowId > 0 && !database.Set<Workflow>().Any(holder => holder.Id == vm.WorkflowId && !holder.Waiting))
            .OrderBy(vm => vm.WorkflowId)
            .Select(vm => vm.Id)
            .Take(PageSize)
            .ToListAsync(cancellationToken);
        var unheld = await database.Set<Workflow>()
            // Every workflow that waits has a deadline.
            .Where(row => row.Deadline > DateTimeOffset.UnixEpoch && row.Waiting
                && database.Set<VirtualMachine>().Any(vm => vm.Id == row.VmId && vm.WorkflowId == null))
            .OrderBy(row => row.Deadline)
            .Select(row => row.VmId)
            .Take(PageSize)
            .ToListAsync(cancellationToken);
        return [.. headless.Union(unheld)];
    }

    /// <summary>Jobs about virtual machines that are under way, and that no workflow will end.</summary>
    public Task<List<long>> FindJobsAsync(CancellationToken cancellationToken) => database.Set<AsyncJob>()
        .Where(job => job.Completed == null && job.InstanceType == nameof(JobInstanceType.VirtualMachine)
            && !database.Set<Workflow>().Any(row => row.VmId == job.InstanceId && row.JobId == job.Id))
        .OrderBy(job => job.Id)
        .Select(job => job.Id)
        .Take(PageSize)
        .ToListAsync(cancellationToken);

    /// <summary>
    /// Lets the oldest workflow of the virtual machine hold it, and begin with the next look for overdue workflows; or none.
    /// </summary>
    /// <returns>
    /// Whether anything was still amiss; and a workflow that finds out what became of a virtual machine that was on its way when nothing
    /// takes it further.
    /// </returns>
    public async Task<(bool Adopted, WorkflowRequest? Next)> AdoptAsync(long vmId, CancellationToken cancellationToken)
    {
        var vm = await database.RowAsync<VirtualMachine>(vmId, cancellationToken);
        var line = await database.Set<Workflow>().Where(row => row.VmId == vmId).OrderBy(row => row.Id).ToListAsync(cancellationToken);
        if (line.Any(row => row.Id == vm.WorkflowId && !row.Waiting)) return (false, null);
        var next = line.Find(row => !row.Waiting) ?? line.FirstOrDefault();
        if (next is null && vm.WorkflowId is null) return (false, null);
        LogAdopted(vm.Name, vm.WorkflowId, next?.Id);
        await virtualMachines.LockAsync(vm, next?.Id, cancellationToken);
        if (next is null) return (true, OnItsWay(vm));
        if (!next.Waiting) return (true, null);
        next.Waiting = false;
        next.Deadline = time.GetUtcNow();
        next.Version++;
        return (true, null);
    }

    private static WorkflowRequest? OnItsWay(VirtualMachine vm) => vm switch
    {
        { State: VirtualMachineState.Starting or VirtualMachineState.Stopping, HostId: { } hostId } =>
            WorkflowRequest.Settle(vm.Id, hostId, "what held it is gone"),
        { State: VirtualMachineState.Migrating } => new WorkflowRequest(WorkflowKind.MigrateVirtualMachine, new MigrateDocument())
        {
            VmId = vm.Id,
            OnlyIf = WorkflowRequest.IsNotHeld,
        },
        _ => null,
    };

    /// <summary>Ends a job that nothing works on.</summary>
    public Task EndAsync(long jobId, CancellationToken cancellationToken)
    {
        LogEnded(jobId);
        return jobs.EndAsync(
            jobId, new Refusal(
                RefusalCause.OperationFailed,
                "Nothing works on this job any more: what became of it, the virtual machine shows"), cancellationToken);
    }

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "{Vm} was held by workflow {Gone}, which is not there or has not begun; it is held by {Next} now")]
    private partial void LogAdopted(string vm, long? gone, long? next);

    [LoggerMessage(Level = LogLevel.Error, Message = "Job {JobId} had no workflow; it was ended")]
    private partial void LogEnded(long jobId);
}
