using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;

namespace PciBus.Management.Api.VirtualMachines;

/// <summary>A command that begins a workflow for a virtual machine; it waits behind a workflow that is under way.</summary>
internal abstract class VirtualMachineCommand(PciBusDbContext database, WorkflowRunner runner) : ApiCommand
{
    [ApiParameter("id", "the virtual machine", Required = true, Entity = typeof(VirtualMachine))]
    public long Id { get; set; }

    protected PciBusDbContext Database => database;

    protected async Task<VirtualMachine> LoadAsync(CancellationToken cancellationToken)
    {
        var vm = await database.Set<VirtualMachine>().AsNoTracking().SingleAsync(row => row.Id == Id, cancellationToken);
        return vm.Removed is null ? vm : throw ApiException.InvalidParameter($"{vm.Name} was expunged");
    }

    /// <summary>
    /// Refuses at once what certainly fails. While a workflow holds the virtual machine, nobody knows in which state it will
    /// be when the command's turn comes.
    /// </summary>
    protected static void RefuseUnless(VirtualMachine vm, string possible, params VirtualMachineState[] states)
    {
        if (vm.WorkflowId is not null || states.Contains(vm.State)) return;
        throw ApiException.InvalidParameter(
            $"{vm.Name} is {StoredNames.Of(vm.State)}, it can be {possible} only when it is {string.Join(" or ", states)}");
    }

    /// <param name="urgent">The workflow that is under way is told to give up.</param>
    protected async Task<ApiAnswer> BeginAsync(
        WorkflowKind kind, object document, string eventType, string description, bool urgent, CancellationToken cancellationToken)
    {
        var outcome = await runner.BeginAsync(
            new WorkflowRequest(kind, document)
            {
                VmId = Id,
                Job = Job(eventType, description),
                Urgent = urgent,
            },
            cancellationToken);
        return ApiAnswer.Job(outcome.JobUuid!.Value);
    }
}
