using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;

namespace PciBus.Management.Api.VirtualMachines;

/// <summary>A command that begins a workflow about a device of a virtual machine that runs; the workflow may have to wait.</summary>
internal abstract class HotplugCommand(PciBusDbContext database, WorkflowRunner runner) : ApiCommand
{
    [ApiParameter("virtualmachineid", "the virtual machine; it runs", Required = true, Entity = typeof(VirtualMachine))]
    public long VirtualMachineId { get; set; }

    /// <param name="possible">What is done to the device, for a refusal.</param>
    /// <param name="description">Of the job, from the name of the virtual machine.</param>
    protected async Task<ApiAnswer> BeginAsync(
        WorkflowKind kind, object document, string possible, string eventType, Func<string, string> description,
        CancellationToken cancellationToken)
    {
        var vm = await database.Set<VirtualMachine>().AsNoTracking().SingleAsync(row => row.Id == VirtualMachineId, cancellationToken);
        if (vm.Removed is not null) throw ApiException.InvalidParameter($"{vm.Name} was expunged");
        // While a workflow holds the virtual machine, nobody knows in which state it will be when the command's turn comes.
        if (vm.WorkflowId is null && vm.State != VirtualMachineState.Running)
        {
            throw ApiException.InvalidParameter($"{vm.Name} is {vm.State}, devices can be {possible} only when it is Running");
        }

        var request = Job(eventType, description(vm.Name));
        var outcome = await runner.BeginAsync(new WorkflowRequest(kind, document) { VmId = vm.Id, Job = request }, cancellationToken);
        return ApiAnswer.Job(outcome.JobUuid!.Value);
    }
}
