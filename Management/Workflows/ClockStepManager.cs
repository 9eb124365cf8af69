using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>
/// Pulls back times that were to come soon, and lie far ahead because a clock was set back since. No setting lets a time of these kinds lie
/// so far ahead: a time that does so by more than clocks of servers differ was written before the step. A server whose clock is right may
/// have written it: then something happens too early once, which does no harm. Deadlines of workflows are not pulled back: nothing bounds
/// them, and a deadline that comes too early ends a job that goes well.
/// </summary>
internal sealed class ClockStepManager(PciBusDbContext database, HostOptions hosts, WorkflowOptions workflows, TimeProvider time)
{
    /// <returns>How many rows were pulled back.</returns>
    public async Task<int> PullBackAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var lease = now + OutboxRelay.Lease + HeardHostsManager.Ahead;
        // A message that was set aside for a day is read in vain once more.
        var messages = await database.Set<OutboxMessage>()
            .Where(message => message.LeaseUntil > lease)
            .ExecuteUpdateAsync(set => set.SetProperty(message => message.LeaseUntil, now), cancellationToken);
        var restart = now + hosts.RestartRetryInterval;
        var lateRestart = restart + HeardHostsManager.Ahead;
        var restarts = await database.Set<VirtualMachine>()
            .Where(vm => vm.RestartAt > lateRestart)
            .ExecuteUpdateAsync(
                set => set.SetProperty(vm => vm.RestartAt, restart).SetProperty(vm => vm.UpdateCount, vm => vm.UpdateCount + 1),
                cancellationToken);
        var repair = now + DegradationManager.LongestPause(workflows.RepairRetryInterval);
        var lateRepair = repair + HeardHostsManager.Ahead;
        var repairs = await database.Set<VirtualMachine>()
            .Where(vm => vm.RepairAt > lateRepair)
            .ExecuteUpdateAsync(
                set => set.SetProperty(vm => vm.RepairAt, repair).SetProperty(vm => vm.UpdateCount, vm => vm.UpdateCount + 1),
                cancellationToken);
        return messages + restarts + repairs;
    }
}
