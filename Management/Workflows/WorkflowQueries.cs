using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;

namespace PciBus.Management.Workflows;

/// <summary>Finds the workflows that something concerns.</summary>
internal sealed class WorkflowQueries(IServiceScopeFactory scopes)
{
    private const int PageSize = 200;

    private static readonly CompiledQuery<Func<PciBusDbContext, long, IAsyncEnumerable<long>>> Awaiting = new(() => EF.CompileAsyncQuery(
        (PciBusDbContext database, long hostId) => database.Set<Workflow>().Where(row => row.AwaitingHostId == hostId).Select(row => row.Id)));

    private static readonly CompiledQuery<Func<PciBusDbContext, long, IAsyncEnumerable<long>>> Parked = new(() => EF.CompileAsyncQuery(
        (PciBusDbContext database, long hostId) =>
            database.Set<Workflow>().Where(row => row.AwaitingHostId == hostId && row.Deadline == null).Select(row => row.Id)));

    /// <summary>Workflows that wait for a host.</summary>
    /// <param name="parkedOnly">Only those that nothing else will wake.</param>
    public async Task<List<long>> AwaitingAsync(long hostId, bool parkedOnly, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<PciBusDbContext>();
        return await (parkedOnly ? Parked : Awaiting).On(database)(database, hostId).ToListAsync(cancellationToken);
    }

    /// <summary>Workflows whose deadline has passed, the longest overdue first.</summary>
    public Task<List<long>> OverdueAsync(DateTimeOffset now, CancellationToken cancellationToken) => ReadAsync(
        database => database.Set<Workflow>()
            .Where(row => row.Deadline <= now)
            .OrderBy(row => row.Deadline)
            .Select(row => row.Id)
            .Take(PageSize),
        cancellationToken);

    /// <summary>Parked workflows whose host is Up, with the host: should the event that wakes them have been lost.</summary>
    public Task<List<ParkedWorkflow>> ParkedOnUpHostsAsync(CancellationToken cancellationToken) => ReadAsync(
        database => database.Set<Workflow>()
            .Where(row => row.Deadline == null && !row.Waiting)
            .Join(database.Set<Host>(), row => row.AwaitingHostId, host => host.Id, (row, host) => new { row.Id, HostId = host.Id, host.Status })
            .Where(pair => pair.Status == HostStatus.Up)
            .OrderBy(pair => pair.Id)
            .Select(pair => new ParkedWorkflow(pair.Id, pair.HostId))
            .Take(PageSize),
        cancellationToken);

    private async Task<List<T>> ReadAsync<T>(Func<PciBusDbContext, IQueryable<T>> query, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await query(scope.ServiceProvider.GetRequiredService<PciBusDbContext>()).ToListAsync(cancellationToken);
    }
}
