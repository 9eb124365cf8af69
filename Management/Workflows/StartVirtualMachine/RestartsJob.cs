using PciBus.Management.Reconciliation;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows.StartVirtualMachine;

/// <summary>Starts highly available virtual machines again whose host was declared down while they ran.</summary>
internal sealed class RestartsJob(WorkflowRunner runner, WorkflowQueries workflows, TimeProvider time) : IReconciliationJob
{
    public static ReconciliationJob About { get; } = new(
        typeof(RestartsJob), HighAvailabilityManager.RestartJob,
        "Starts highly available virtual machines again that were on a host that is down",
        TimeSpan.FromSeconds(5), "how often highly available virtual machines that are to be started again are looked for");

    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var due = await workflows.ToRestartAsync(now, cancellationToken);
        foreach (var vmId in due)
        {
            await runner.BeginAsync(
                new WorkflowRequest(WorkflowKind.StartVirtualMachine, new StartDocument())
                {
                    VmId = vmId,
                    OnlyIf = vm => WorkflowRequest.IsNotHeld(vm) && vm.RestartAt <= now,
                },
                cancellationToken);
        }

        return due.Count > 0 ? $"virtual machines started: {due.Count}" : null;
    }
}
