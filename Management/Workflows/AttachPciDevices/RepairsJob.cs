using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.Workflows.AttachPciDevices;

/// <summary>Begins to give virtual machines the devices that they lack and their hosts have.</summary>
internal sealed class RepairsJob(DatabaseTransactions transactions, WorkflowRunner runner, TimeProvider time) : IReconciliationJob
{
    public static ReconciliationJob About { get; } = new(
        typeof(RepairsJob), "degraded", "Gives virtual machines the PCI devices that they lack, when their hosts have them",
        TimeSpan.FromSeconds(5), "how often virtual machines that lack a PCI device are looked for");

    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var repairs = await transactions.RunAsync(
            (PciDeviceRepairManager repair) => repair.FindAsync(cancellationToken), cancellationToken);
        foreach (var (vmId, vmName, name, deviceId) in repairs)
        {
            await runner.BeginAsync(
                new WorkflowRequest(WorkflowKind.AttachPciDevices, new AttachDocument { Name = name, DeviceId = deviceId, Repair = true })
                {
                    VmId = vmId,
                    Job = new JobRequest(
                        "attachPciDevice", Caller.Admin, EventTypes.VmRepair, $"attaching {name} to {vmName}, which lacks it"),
                    OnlyIf = vm => WorkflowRequest.IsNotHeld(vm) && vm.RepairAt <= now,
                },
                cancellationToken);
        }

        return repairs.Count > 0 ? $"repairs begun: {repairs.Count}" : null;
    }
}
