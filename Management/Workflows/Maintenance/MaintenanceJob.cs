using PciBus.Management.Accounts;
using PciBus.Management.Drain;
using PciBus.Management.Events;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows.MigrateVirtualMachine;
using PciBus.Management.Workflows.StopVirtualMachine;

namespace PciBus.Management.Workflows.Maintenance;

/// <summary>Empties hosts: begins the moves and stops that are due, for a page of hosts in each run.</summary>
internal sealed partial class MaintenanceJob(DatabaseTransactions transactions, WorkflowRunner runner, ILogger<MaintenanceJob> logger)
    : IReconciliationJob
{
    /// <summary>The last host that was looked at.</summary>
    private long _last;

    public static ReconciliationJob About { get; } = new(
        typeof(MaintenanceJob), HostMaintenance.Job, "Moves virtual machines away from hosts that are being emptied for maintenance",
        TimeSpan.FromSeconds(5), "how often it is looked how far hosts are that are emptied for maintenance");

    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        var page = await transactions.RunAsync(
            (DrainProgressManager progress) => progress.FindAsync(_last, cancellationToken), cancellationToken);
        _last = page.Count == DrainProgressManager.PageSize ? page[^1] : 0;
        var begun = 0;
        foreach (var hostId in page)
        {
            foreach (var order in await TryAdvanceAsync(hostId, cancellationToken))
            {
                if (await BeginAsync(order, cancellationToken)) begun++;
            }
        }

        return begun > 0 ? $"moves and stops begun: {begun}" : null;
    }

    /// <summary>A host that cannot be looked at does not hold up the others.</summary>
    private async Task<IReadOnlyList<DrainOrder>> TryAdvanceAsync(long hostId, CancellationToken cancellationToken)
    {
        try
        {
            return await transactions.RunAsync(
                (DrainProgressManager progress) => progress.AdvanceAsync(hostId, cancellationToken), cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogNotAdvanced(exception, hostId);
            return [];
        }
    }

    /// <summary>Carries out an order. If it fails, the next run finds that it is not under way; the other orders go on.</summary>
    public async Task<bool> BeginAsync(DrainOrder order, CancellationToken cancellationToken)
    {
        try
        {
            return (await runner.BeginAsync(RequestOf(order), cancellationToken)).WorkflowId > 0;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            LogNotBegun(exception, order.VmName, order.HostName);
            return false;
        }
    }

    private static WorkflowRequest RequestOf(DrainOrder order)
    {
        var (kind, document, @event, what) = order.TargetHostId is { } target
            ? (WorkflowKind.MigrateVirtualMachine, (object)new MigrateDocument { HostId = target }, EventTypes.VmMigrate, "migrating")
            : (WorkflowKind.StopVirtualMachine, new StopDocument { Forced = order.Forced }, EventTypes.VmStop, "stopping");
        return new WorkflowRequest(kind, document)
        {
            VmId = order.VmId,
            Job = new JobRequest(
                order.Command, Caller.Admin, @event, $"{what} VM {order.VmName} for the maintenance of host {order.HostName}"),
            OnlyWhile = HostMaintenanceManager.Stands(order),
            OnlyIf = vm => WorkflowRequest.IsNotHeld(vm) && vm.State == VirtualMachineState.Running && vm.HostId == order.HostId,
        };
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Host {HostId}, which is being emptied, could not be looked at; it is tried again")]
    private partial void LogNotAdvanced(Exception exception, long hostId);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Vm} on {Host}, which is being emptied, could not be begun; it is tried again")]
    private partial void LogNotBegun(Exception exception, string vm, string host);
}
