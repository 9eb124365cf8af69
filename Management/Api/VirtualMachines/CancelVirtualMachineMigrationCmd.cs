using Microsoft.EntityFrameworkCore;
using PciBus.Management.Events;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.CancelMigration;

namespace PciBus.Management.Api.VirtualMachines;

[ApiCommand(
    "cancelVirtualMachineMigration",
    "Gives up the migration of a virtual machine, which keeps its host and its devices; the job fails when it is too late for that",
    Response = typeof(VirtualMachineResponse),
    IsAsync = true)]
internal sealed class CancelVirtualMachineMigrationCmd(PciBusDbContext database, WorkflowRunner runner) : ApiCommand
{
    [ApiParameter("virtualmachineid", "the virtual machine", Required = true, Entity = typeof(VirtualMachine))]
    public long VirtualMachineId { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var vm = await database.Set<VirtualMachine>().AsNoTracking().SingleAsync(row => row.Id == VirtualMachineId, cancellationToken);
        if (vm is not { State: VirtualMachineState.Migrating, LastHostId: { } sourceId }) throw NotMigrating(vm);
        var outcome = await runner.BeginAsync(
            new WorkflowRequest(WorkflowKind.CancelMigration, new CancelMigrationDocument(sourceId))
            {
                VmId = vm.Id,
                Job = Job(EventTypes.VmMigrateCancel, $"giving up the migration of VM {vm.Name}"),
                Urgent = true,
                OnlyIf = now => now.State == VirtualMachineState.Migrating,
            },
            cancellationToken);
        return outcome.JobUuid is { } jobId ? ApiAnswer.Job(jobId) : throw NotMigrating(vm);
    }

    private static ApiException NotMigrating(VirtualMachine vm) =>
        ApiException.InvalidParameter($"{vm.Name} is not Migrating: there is no migration that could be given up");
}
