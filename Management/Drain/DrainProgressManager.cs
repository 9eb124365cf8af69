using Microsoft.EntityFrameworkCore;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Drain;

/// <summary>
/// Sees how far the emptying of hosts is, and orders what is begun next. An order is written down first: when the server dies before it is
/// carried out, the virtual machine is still there with no workflow that holds it, and is ordered again.
/// </summary>
internal sealed class DrainProgressManager(
    PciBusDbContext database,
    HostStateManager states,
    HostMaintenanceManager maintenances,
    DrainPlanManager plans,
    AlertManager alerts,
    DrainOptions options,
    TimeProvider time)
{
    public const int PageSize = 100;
    private const int NamedVms = 10;
    private const int MostDoublings = 6;

    /// <summary>The next page of hosts that are being emptied.</summary>
    public Task<List<long>> FindAsync(long after, CancellationToken cancellationToken) => database.Set<HostMaintenance>()
        .Where(row => row.HostId > after)
        .OrderBy(row => row.HostId)
        .Select(row => row.HostId)
        .Take(PageSize)
        .ToListAsync(cancellationToken);

    /// <summary>Takes a host further: notes what has ended, plans on, and orders what may begin now.</summary>
    public async Task<IReadOnlyList<DrainOrder>> AdvanceAsync(long hostId, CancellationToken cancellationToken)
    {
        var maintenance = await database.Set<HostMaintenance>().SingleOrDefaultAsync(row => row.HostId == hostId, cancellationToken);
        if (maintenance is null) return [];
        var host = await database.RowAsync<Host>(hostId, cancellationToken);
        if (host is not { Removed: null, IsBeingEmptied: true })
        {
            var state = host.Removed is null ? $"{host.ResourceState}" : "deleted";
            await alerts.SyncAsync(AlertType.MaintenanceFailed, host.Id, [], cancellationToken);
            await maintenances.EndAsync(
                maintenance, new Refusal(RefusalCause.OperationFailed, $"{host.Name} is {state} now"), cancellationToken);
            return [];
        }

        var vms = await plans.LookAsync(host, cancellationToken);
        if (vms.All(vm => host.Status == HostStatus.Down && !vm.IsHere))
        {
            await states.MoveAsync(host, ResourceEvent.InternalEnterMaintenance, cancellationToken);
            await maintenances.EndAsync(maintenance, null, cancellationToken);
            return [];
        }

        // Only a host that is Up can let virtual machines go; while it is away, its maintenance is not given up.
        if (host.Status != HostStatus.Up) return [];
        var rows = await RowsAsync(maintenance, vms, cancellationToken);
        foreach (var vm in vms) await NoteEndAsync(rows[vm.Id], vm, cancellationToken);
        await PlanAsync(maintenance, host, vms, rows, cancellationToken);
        var orders = Next(maintenance, host, vms, rows);
        await JudgeAsync(maintenance, host, vms, rows, cancellationToken);
        if (database.ChangeTracker.HasChanges()) maintenance.UpdateCount++;
        return orders;
    }

    /// <summary>A row for each virtual machine that is still there.</summary>
    private async Task<Dictionary<long, HostMaintenanceVm>> RowsAsync(
        HostMaintenance maintenance, IReadOnlyList<MovingVm> vms, CancellationToken cancellationToken)
    {
        var rows = await database.Set<HostMaintenanceVm>()
            .Where(row => row.HostId == maintenance.HostId)
            .ToDictionaryAsync(row => row.VmId, cancellationToken);
        foreach (var gone in rows.Keys.Except(vms.Select(vm => vm.Id)).ToList())
        {
            rows.Remove(gone, out var row);
            database.Remove(row!);
        }

        foreach (var vm in vms)
        {
            if (rows.ContainsKey(vm.Id)) continue;
            var row = new HostMaintenanceVm { HostId = maintenance.HostId, VmId = vm.Id, Outcome = MoveOutcome.Waits };
            rows[vm.Id] = database.Add(row).Entity;
        }

        return rows;
    }

    /// <summary>A move or a stop has failed if it has ended and the virtual machine is where it was.</summary>
    private async Task NoteEndAsync(HostMaintenanceVm row, MovingVm vm, CancellationToken cancellationToken)
    {
        if (row.Begun is not { } begun || vm.IsHeld || !vm.IsHere) return;
        var command = DrainOrder.CommandOf(row.Stops);
        var job = await database.Set<AsyncJob>().AsNoTracking()
            .Where(job => job.InstanceType == nameof(VirtualMachine) && job.InstanceId == row.VmId)
            .Where(job => job.JobStatus == JobStatus.Failed && job.JobCmd == command && job.Created >= begun)
            .OrderByDescending(job => job.Id)
            .FirstOrDefaultAsync(cancellationToken);
        row.Begun = null;
        row.TargetHostId = null;
        if (job is not null) NoteFailure(row, job.JobResult);
        // The order was not carried out, the virtual machine has come back since, or its guest was not asked at all.
        if (job is null || (row.Stops && job.Failure != RefusalCause.OperationFailed)) row.Attempts--;
    }

    private void NoteFailure(HostMaintenanceVm row, string? why)
    {
        row.Why = why;
        row.NotBefore = time.GetUtcNow() + (options.RetryInterval * Math.Pow(2, Math.Min(row.Attempts, MostDoublings) - 1));
    }

    /// <summary>Plans on, and says what happens to virtual machines for which the plan has no place.</summary>
    private async Task PlanAsync(
        HostMaintenance maintenance, Host host, IReadOnlyList<MovingVm> vms, Dictionary<long, HostMaintenanceVm> rows,
        CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var failed = rows.Values.Where(row => row is { Begun: null, Stops: false } && row.Attempts >= options.Attempts);
        if (maintenance.Strategy == PciStrategy.Stop)
        {
            foreach (var row in failed) (row.Stops, row.Attempts, row.NotBefore, row.TargetHostId) = (true, 0, null, null);
        }

        var plan = await plans.PlanOnAsync(host, maintenance.Strategy, vms, rows, cancellationToken);
        foreach (var move in plan.Moves)
        {
            var row = rows[move.Vm.Id];
            if (row.Begun is not null) continue;
            var neverHadAPlace = row is { TargetHostId: null, Attempts: 0 };
            (row.Outcome, row.TargetHostId) = (move.Outcome, move.Target?.Id);
            if (row.NotBefore > now) continue;
            row.Why = move.Why ?? row.Why;
            if (!move.HasNoPlace || maintenance.Strategy == PciStrategy.Wait) continue;
            if (maintenance.Strategy == PciStrategy.Stop && neverHadAPlace)
            {
                row.Stops = true;
                continue;
            }

            // The virtual machine had a place when this began, and may soon have one again.
            row.Attempts++;
            NoteFailure(row, move.Why);
        }
    }

    /// <summary>Orders as many as may be under way at once.</summary>
    private List<DrainOrder> Next(
        HostMaintenance maintenance, Host host, IReadOnlyList<MovingVm> vms, Dictionary<long, HostMaintenanceVm> rows)
    {
        // Whole milliseconds are kept alike by every database.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var orders = new List<DrainOrder>();
        var free = options.Parallel - rows.Values.Count(row => row.Begun is not null);
        foreach (var vm in vms.OrderBy(vm => rows[vm.Id].Outcome).ThenBy(vm => vm.Id))
        {
            var row = rows[vm.Id];
            if (orders.Count >= free) break;
            if (vm is not { State: VirtualMachineState.Running, IsHere: true, IsHeld: false } || row.Begun is not null
                || row.NotBefore > now) continue;
            var goes = row.Outcome is MoveOutcome.Live or MoveOutcome.DetachAttach && row.TargetHostId is not null;
            if (row.IsGivenUp(maintenance.Strategy, options.Attempts) || (!row.Stops && !goes)) continue;
            (row.Begun, row.Why) = (now, null);
            row.Attempts++;
            orders.Add(new DrainOrder(row.VmId, vm.Name, host.Id, host.Name, maintenance.JobId, now)
            {
                TargetHostId = row.Stops ? null : row.TargetHostId,
                Forced = row is { Stops: true, Attempts: > 1 },
            });
        }

        return orders;
    }

    /// <summary>Says whether the host can be emptied. When nothing more can be done about it, its maintenance has failed.</summary>
    private async Task JudgeAsync(
        HostMaintenance maintenance, Host host, IReadOnlyList<MovingVm> vms, Dictionary<long, HostMaintenanceVm> rows,
        CancellationToken cancellationToken)
    {
        var failing = vms.Where(vm => rows[vm.Id] is { Begun: null } row && row.Attempts >= options.Attempts).ToList();
        var body = string.Join("; ", failing.Take(NamedVms).Select(vm => About.Of(vm.Name, rows[vm.Id].Why ?? "it is still there")));
        await alerts.SyncAsync(
            AlertType.MaintenanceFailed, host.Id, failing.Count == 0 ? [] : [($"{host.Name} is not empty", body)], cancellationToken);
        if (failing.Count == 0)
        {
            if (host.ResourceState == ResourceState.ErrorInPrepareForMaintenance)
            {
                await states.MoveAsync(host, ResourceEvent.ErrorsCorrected, cancellationToken);
            }
            return;
        }

        if (vms.All(vm => rows[vm.Id].IsGivenUp(maintenance.Strategy, options.Attempts)))
        {
            await states.MoveAsync(host, ResourceEvent.UnableToMaintain, cancellationToken);
            await maintenances.EndAsync(
                maintenance, new Refusal(RefusalCause.OperationFailed, $"{host.Name} could not be emptied. {body}"), cancellationToken);
        }
        else if (host.ResourceState == ResourceState.PrepareForMaintenance)
        {
            await states.MoveAsync(host, ResourceEvent.UnableToMigrate, cancellationToken);
        }
    }
}
