using Microsoft.EntityFrameworkCore;
using Newtonsoft.Json;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.MigrateVirtualMachine;

namespace PciBus.Management.Api.VirtualMachines;

/// <summary>How far migrations are.</summary>
internal sealed class MigrationQueries(PciBusDbContext database)
{
    /// <summary>The migrations that are under way for virtual machines, each with the job that it ends.</summary>
    public async Task<Dictionary<long, (long? JobId, MigrationResponse Migration)>> UnderWayAsync(
        IReadOnlyList<long> vmIds, CancellationToken cancellationToken)
    {
        var rows = await database.Set<Workflow>().AsNoTracking().Include(row => row.Awaited)
            .Where(row => vmIds.Contains(row.VmId) && row.Kind == WorkflowKind.MigrateVirtualMachine && !row.Waiting)
            .ToListAsync(cancellationToken);
        if (rows.Count == 0) return [];
        var documents = rows.ToDictionary(row => row.VmId, row => JsonConvert.DeserializeObject<MigrateDocument>(row.Document)!);
        var hostIds = documents.Values.SelectMany(document => new[] { document.Source.HostId, document.Destination.HostId })
            .Distinct().ToList();
        var hosts = await database.Set<Host>().Where(host => hostIds.Contains(host.Id))
            .ToDictionaryAsync(host => host.Id, host => (Guid?)host.Uuid, cancellationToken);
        return rows.ToDictionary(row => row.VmId, row => (row.JobId, Of(row, documents[row.VmId], hosts)));
    }

    private static MigrationResponse Of(Workflow row, MigrateDocument document, Dictionary<long, Guid?> hosts)
    {
        var progress = row.Awaited.Select(WorkflowProgressManager.Of).FirstOrDefault(one => one is not null);
        return new MigrationResponse
        {
            Step = StoredNames.Read<MigrateStep>(row.Step),
            StepStarted = document.StepBegan == default ? row.Created : document.StepBegan,
            SourceHostId = hosts.GetValueOrDefault(document.Source.HostId),
            DestinationHostId = hosts.GetValueOrDefault(document.Destination.HostId),
            Cancelled = document.Cancelled,
            AgentStep = progress?.Step,
            AgentStepStarted = progress?.StepBegan,
            MemoryTotal = progress?.MemoryTotal,
            MemoryRemaining = progress?.MemoryRemaining,
            PciDevices = [.. (progress?.DeviceOutcomes ?? []).Select(MigrationPciDeviceResponse.Of)],
        };
    }
}
