using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;

namespace PciBus.Management.Drain;

/// <summary>Takes hosts out for maintenance, as soon as nothing runs there, and lets them in again.</summary>
internal sealed class HostMaintenanceManager(
    PciBusDbContext database,
    HostStateManager states,
    DrainPlanManager plans,
    AsyncJobManager jobs,
    Activation activation,
    TimeProvider time)
{
    private const int NamedVms = 10;

    /// <summary>
    /// Closes the host to virtual machines. <see cref="DrainProgressManager"/> makes those that are there leave as planned, and ends the
    /// job when all have left.
    /// </summary>
    public async Task<(Refusal? Refusal, Guid JobUuid)> BeginAsync(
        long hostId, PciStrategy strategy, JobRequest request, CancellationToken cancellationToken)
    {
        var host = await database.Set<Host>().SingleAsync(row => row.Id == hostId, cancellationToken);
        if (host.Removed is not null) return (host.Gone(), default);
        if (host.ResourceState is ResourceState.Maintenance or ResourceState.PrepareForMaintenance
            or ResourceState.ErrorInPrepareForMaintenance)
        {
            return (Refusal.InvalidParameter($"{host.Name} is in {host.ResourceState} already"), default);
        }

        if (!ResourceStateMachine.TryNext(host.ResourceState, ResourceEvent.AdminAskMaintenance, out _))
        {
            var text = $"{host.Name} is {host.ResourceState}: enable it first (updateHost with allocationstate=Enable)";
            return (Refusal.InvalidParameter(text), default);
        }

        // This write comes first: claims that are being made there are seen after it, and no later claim succeeds.
        if (await states.MoveAsync(host, ResourceEvent.AdminAskMaintenance, cancellationToken) is { } refusal) return (refusal, default);
        var vms = await plans.LookAsync(host, cancellationToken);
        if (host.ResourceState == ResourceState.Maintenance && vms.Count > 0)
        {
            var text = $"{host.Name} is Degraded and used by {Names(vms)}: cancelHostAsDegraded trusts it again";
            return (Refusal.InvalidParameter(text), default);
        }

        var plan = await plans.PlanAsync(host, vms, cancellationToken);
        if (strategy == PciStrategy.Refuse && plan.Staying.Any()) return (Stays(host, plan), default);
        var job = jobs.Begin(
            request with { Description = $"preparing host {host.Name} for maintenance, pcistrategy={strategy}" }, JobInstanceType.Host,
            host.Id);
        await database.SaveChangesAsync(cancellationToken);
        if (host.ResourceState == ResourceState.Maintenance)
        {
            await jobs.EndAsync(job.Id, null, cancellationToken);
            return (null, job.Uuid);
        }

        database.Add(new HostMaintenance { HostId = host.Id, Strategy = strategy, JobId = job.Id, Created = time.GetUtcNow() });
        foreach (var move in plan.Moves)
        {
            database.Add(new HostMaintenanceVm
            {
                HostId = host.Id,
                VmId = move.Vm.Id,
                Outcome = move.Outcome,
                TargetHostId = move.Target?.Id,
                Why = move.Why,
            });
        }

        activation.Wake(HostMaintenance.Job);
        return (null, job.Uuid);
    }

    /// <summary>Lets the host take virtual machines again. Moves and stops that have begun go on; nothing else is begun.</summary>
    public async Task<(Refusal? Refusal, Guid JobUuid)> CancelAsync(long hostId, JobRequest request, CancellationToken cancellationToken)
    {
        var host = await database.Set<Host>().SingleAsync(row => row.Id == hostId, cancellationToken);
        if (host.Removed is not null) return (host.Gone(), default);
        var before = host.ResourceState;
        if (!ResourceStateMachine.TryNext(before, ResourceEvent.AdminCancelMaintenance, out _))
        {
            return (Refusal.InvalidParameter($"{host.Name} is {before}, not in maintenance, nor on the way there"), default);
        }

        await states.MoveAsync(host, ResourceEvent.AdminCancelMaintenance, cancellationToken);
        if (await database.Set<HostMaintenance>().SingleOrDefaultAsync(row => row.HostId == host.Id, cancellationToken) is { } maintenance)
        {
            await EndAsync(
                maintenance, new Refusal(RefusalCause.OperationFailed, $"The maintenance of {host.Name} was cancelled"), cancellationToken);
        }

        var job = jobs.Begin(
            request with { Description = $"cancelling the maintenance of host {host.Name}" }, JobInstanceType.Host, host.Id);
        await database.SaveChangesAsync(cancellationToken);
        await jobs.EndAsync(job.Id, null, cancellationToken);
        return (null, job.Uuid);
    }

    /// <summary>Ends a maintenance: the host is empty, or is not emptied any further.</summary>
    /// <param name="failure">Why the host is not empty; null when it is.</param>
    public async Task EndAsync(HostMaintenance maintenance, Refusal? failure, CancellationToken cancellationToken)
    {
        await jobs.EndAsync(maintenance.JobId, failure, cancellationToken);
        database.RemoveRange(
            await database.Set<HostMaintenanceVm>().Where(row => row.HostId == maintenance.HostId).ToListAsync(cancellationToken));
        database.Remove(maintenance);
    }

    /// <summary>
    /// Whether an order still stands. The maintenance may be cancelled at any moment; and another server that sees the order before its
    /// workflow takes it for an order that was not carried out, and gives it anew. The check locks the maintenance: of two servers that
    /// check at once, the server that saves last begins again.
    /// </summary>
    public static Func<PciBusDbContext, CancellationToken, Task<bool>> Stands(DrainOrder order) => async (database, cancellationToken) =>
        await database.Set<HostMaintenance>()
            .Where(row => row.HostId == order.HostId && row.JobId == order.JobId)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.UpdateCount, row => row.UpdateCount + 1), cancellationToken) == 1
        && await database.Set<HostMaintenanceVm>().AnyAsync(
            row => row.HostId == order.HostId && row.VmId == order.VmId && row.Begun == order.Begun, cancellationToken);

    private static Refusal Stays(Host host, DrainPlan plan)
    {
        var staying = plan.Staying.ToList();
        var why = staying.Take(NamedVms).Select(move => About.Of(move.Vm.Name, move.Why ?? "it is still there"));
        var more = staying.Count > NamedVms ? $"; and {staying.Count - NamedVms} more" : "";
        return new Refusal(
            RefusalCause.ResourceInUse,
            $"Of {plan.Moves.Count} virtual machines on {host.Name}, {staying.Count} cannot be moved now. {string.Join("; ", why)}{more}. "
                + "pcistrategy=Wait waits for them, pcistrategy=Stop stops them");
    }

    private static string Names(IReadOnlyList<MovingVm> vms) => string.Join(", ", vms.Take(NamedVms).Select(vm => vm.Name));
}
