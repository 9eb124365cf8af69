using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>Finds the workflows that something concerns.</summary>
internal sealed class WorkflowQueries(IServiceScopeFactory scopes)
{
    private const int PageSize = 200;
    private const int HostPageSize = 100;

    private static readonly CompiledList<long, long> Awaiting = new((database, hostId) =>
        database.Set<WorkflowCommand>().Where(row => row.HostId == hostId).Select(row => row.WorkflowId));

    private static readonly CompiledList<long, long> Parked = new((database, hostId) =>
        database.Set<WorkflowCommand>().Where(row => row.HostId == hostId && row.Deadline == null).Select(row => row.WorkflowId));

    /// <summary>Workflows that wait for a host.</summary>
    /// <param name="parkedOnly">Only the workflows that nothing else will wake.</param>
    public async Task<List<long>> AwaitingAsync(long hostId, bool parkedOnly, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<PciBusDbContext>();
        return await (parkedOnly ? Parked : Awaiting).ReadAsync(database, hostId, cancellationToken);
    }

    /// <summary>Workflows whose deadline has passed, the longest overdue first.</summary>
    public Task<List<long>> OverdueAsync(DateTimeOffset now, CancellationToken cancellationToken) => ReadAsync(
        database => database.Set<Workflow>()
            .Where(row => row.Deadline <= now)
            .OrderBy(row => row.Deadline)
            .Select(row => row.Id)
            .Take(PageSize),
        cancellationToken);

    /// <summary>Parked workflows whose host is Up, with the host: for the case that the event that wakes them was lost.</summary>
    public Task<List<AwaitingWorkflow>> ParkedOnUpHostsAsync(CancellationToken cancellationToken) => ReadAsync(
        database => database.Set<WorkflowCommand>()
            .Where(row => row.Deadline == null)
            .Join(
                database.Set<Host>(),
                row => row.HostId,
                host => host.Id,
                (row, host) => new { row.WorkflowId, HostId = host.Id, host.Status })
            .Where(pair => pair.Status == HostStatus.Up)
            .OrderBy(pair => pair.WorkflowId)
            .Select(pair => new AwaitingWorkflow(pair.WorkflowId, pair.HostId))
            .Take(PageSize),
        cancellationToken);

    /// <summary>Workflows that wait for a host that was declared down, with the host.</summary>
    public Task<List<AwaitingWorkflow>> AwaitingDownHostsAsync(CancellationToken cancellationToken) => ReadAsync(
        database => database.Set<Host>()
            .Where(host => host.Status == HostStatus.Down)
            .Join(
                database.Set<WorkflowCommand>(),
                host => host.Id,
                row => row.HostId,
                (host, row) => new AwaitingWorkflow(row.WorkflowId, host.Id))
            .Take(PageSize),
        cancellationToken);

    /// <summary>Virtual machines without a workflow on hosts that were declared down, with the host.</summary>
    public Task<List<StrayVirtualMachine>> OnDownHostsAsync(CancellationToken cancellationToken) => ReadAsync(
        database => database.Set<Host>()
            .Where(host => host.Status == HostStatus.Down)
            .Join(
                database.Set<VirtualMachine>().Where(vm => vm.WorkflowId == null && vm.State == VirtualMachineState.Running),
                host => host.Id, vm => vm.HostId, (host, vm) => new StrayVirtualMachine(vm.Id, host.Id, host.Name))
            .Take(PageSize),
        cancellationToken);

    /// <summary>Virtual machines that are to be started again by now, and that no host was seen to run.</summary>
    public Task<List<long>> ToRestartAsync(DateTimeOffset now, CancellationToken cancellationToken) => ReadAsync(
        database => database.Set<VirtualMachine>()
            .Where(vm => vm.RestartAt <= now && vm.WorkflowId == null)
            .Where(vm => !database.Set<Sighting>().Any(sighting => sighting.VmId == vm.Id))
            .OrderBy(vm => vm.RestartAt)
            .Select(vm => vm.Id)
            .Take(PageSize),
        cancellationToken);

    /// <summary>The next page of hosts.</summary>
    public Task<List<long>> HostsAsync(long after, CancellationToken cancellationToken) => ReadAsync(
        database => database.Set<Host>()
            .Where(host => host.Id > after && host.Removed == null)
            .OrderBy(host => host.Id)
            .Select(host => host.Id)
            .Take(HostPageSize),
        cancellationToken);

    /// <summary>
    /// Virtual machines without a workflow that are elsewhere, or off, and have something on one of these hosts, which is Up.
    /// </summary>
    public Task<List<StrayVirtualMachine>> StraysAsync(IReadOnlyList<long> hostIds, CancellationToken cancellationToken) => ReadAsync(
        database => database.Set<HostCapacityOfVm>()
            .Where(taken => hostIds.Contains(taken.HostId))
            .Select(taken => new { taken.VmId, taken.HostId })
            .Union(database.Set<PciDevice>()
                .Where(device => hostIds.Contains(device.HostId) && device.InstanceId != null)
                .Select(device => new { VmId = device.InstanceId!.Value, device.HostId }))
            .Join(
                database.Set<VirtualMachine>().Where(vm => vm.WorkflowId == null),
                held => held.VmId, vm => vm.Id, (held, vm) => new { held.HostId, VmId = vm.Id, VmHostId = vm.HostId })
            .Where(pair => pair.VmHostId != pair.HostId || pair.VmHostId == null)
            .Join(
                database.Set<Host>().Where(host => host.Status == HostStatus.Up),
                pair => pair.HostId, host => host.Id, (pair, host) => new StrayVirtualMachine(pair.VmId, host.Id, host.Name))
            .Take(PageSize),
        cancellationToken);

    private async Task<List<T>> ReadAsync<T>(Func<PciBusDbContext, IQueryable<T>> query, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<PciBusDbContext>()).ToListAsync(cancellationToken);
    }
}
