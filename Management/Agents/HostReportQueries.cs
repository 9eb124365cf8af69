using Microsoft.EntityFrameworkCore;
using PciBus.Contracts.Startup;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;

namespace PciBus.Management.Agents;

/// <summary>Finds out whether a report says anything new: most of thousands do not, and then one query is all they cost.</summary>
internal sealed class HostReportQueries(IServiceScopeFactory scopes)
{
    private static readonly CompiledQuery<Func<PciBusDbContext, string, long, string, IReadOnlyList<Guid>, CancellationToken, Task<long>>>
        Agreeing = new(() => EF.CompileAsyncQuery(
            (PciBusDbContext database, string guid, long session, string hash, IReadOnlyList<Guid> domains, CancellationToken _) =>
                database.Set<Host>()
                    .Where(host => host.Guid == guid && host.Removed == null && host.Session == session && host.Status == HostStatus.Up)
                    .Where(host => database.Set<HostCapacity>().Any(capacity => capacity.HostId == host.Id && capacity.ReportHash == hash))
                    .Where(host => !database.Set<Workflow>().Any(row => row.AwaitingHostId == host.Id && row.Deadline == null))
                    // Those that a report may end.
                    .Where(host => !database.Set<Alert>().Any(alert => alert.HostId == host.Id && alert.Resolved == null
                        && (alert.Type == AlertType.ClockSkew || alert.Type == AlertType.WaitingForHost || alert.Type == AlertType.VirtualMachineUnsettled)))
                    .Where(host => !database.Set<HostCapacityOfVm>().Any(taken => taken.HostId == host.Id
                        && database.Set<VirtualMachine>().Any(vm => vm.Id == taken.VmId && (vm.HostId != host.Id || vm.HostId == null))))
                    .Where(host => !database.Set<PciDevice>().Any(device => device.HostId == host.Id && device.InstanceId != null
                        && database.Set<VirtualMachine>().Any(vm => vm.Id == device.InstanceId && (vm.HostId != host.Id || vm.HostId == null
                            || (vm.WorkflowId == null && vm.State == VirtualMachineState.Running && device.SeenIn != vm.Uuid)))))
                    .Where(host => !database.Set<VirtualMachine>().Any(vm => vm.HostId == host.Id && vm.WorkflowId == null
                        && vm.State == VirtualMachineState.Running && !domains.Contains(vm.Uuid)))
                    .Where(host => !database.Set<VirtualMachine>().Any(vm => domains.Contains(vm.Uuid) && vm.WorkflowId == null
                        && (vm.State != VirtualMachineState.Running || vm.HostId != host.Id)))
                    .Select(host => host.Id)
                    .SingleOrDefault()));

    /// <summary>
    /// The host of a report that says what the last one did, while the records agree with it and nothing waits for it.
    /// </summary>
    /// <returns>Null when there may be something to do.</returns>
    public async Task<long?> FindAgreeingAsync(PingRoutingCommand ping, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (ping.Report.VirtualMachines is not { } domains || HostSessionManager.IsSkewed(ping.SentAt, now)) return null;
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<PciBusDbContext>();
        var hostId = await Agreeing.On(database)(
            database, ping.HostGuid, ping.Report.Session, PciDeviceReportManager.Hash(ping.Report), [.. domains.Select(domain => domain.Uuid)], cancellationToken);
        return hostId == 0 ? null : hostId;
    }
}
