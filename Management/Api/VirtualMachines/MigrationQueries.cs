using Microsoft.EntityFrameworkCore;
using Newtonsoft.Json;
using PciBus.Management.Deployment;
using PciBus.Management.Hosts;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.MigrateVirtualMachine;

namespace PciBus.Management.Api.VirtualMachines;

/// <summary>What callers want to know of migrations: whether there may be one, where to, and how far it is.</summary>
internal sealed class MigrationQueries(PciBusDbContext database, WorkflowOptions options)
{
    /// <summary>The migrations that are under way for virtual machines, with the job that each ends.</summary>
    public async Task<Dictionary<long, (long? JobId, MigrationResponse Migration)>> UnderWayAsync(
        IReadOnlyList<long> vmIds, CancellationToken cancellationToken)
    {
        var rows = await database.Set<Workflow>().AsNoTracking()
            .Where(row => vmIds.Contains(row.VmId) && row.Kind == WorkflowKind.MigrateVirtualMachine && !row.Waiting)
            .ToListAsync(cancellationToken);
        if (rows.Count == 0) return [];
        var documents = rows.ToDictionary(row => row.VmId, row => JsonConvert.DeserializeObject<MigrateDocument>(row.Document)!);
        var hostIds = documents.Values.SelectMany(document => new[] { document.Source.HostId, document.Destination.HostId }).Distinct().ToList();
        var hosts = await database.Set<Host>().Where(host => hostIds.Contains(host.Id))
            .ToDictionaryAsync(host => host.Id, host => (Guid?)host.Uuid, cancellationToken);
        return rows.ToDictionary(row => row.VmId, row => (row.JobId, Of(row, documents[row.VmId], hosts)));
    }

    /// <summary>
    /// What a running virtual machine needs of the host that it is migrated to, and where that must be; or why it is not migrated.
    /// </summary>
    public async Task<(DeploymentPlan Plan, string? WhyNot)> PlanAsync(VirtualMachine vm, CancellationToken cancellationToken)
    {
        var offering = await database.Set<ServiceOffering>().AsNoTracking().SingleAsync(row => row.Id == vm.ServiceOfferingId, cancellationToken);
        var owned = await database.Set<PciDevice>()
            .Where(device => device.InstanceId == vm.Id && device.HostId == vm.HostId)
            .Select(device => device.ClaimedName ?? device.Name)
            .ToListAsync(cancellationToken);
        var needed = PciDeviceNames.ParseList(offering.PciDevices).Or(PciDeviceNames.Of(owned));
        var cluster = await database.Set<Host>().Where(host => host.Id == vm.HostId).Select(host => (long?)host.ClusterId).SingleOrDefaultAsync(cancellationToken);
        var plan = new DeploymentPlan(
            vm.DataCenterId, HostCapacityManager.CpuOf(offering), HostCapacityManager.RamOf(offering), needed, offering.HostTags, null)
        {
            ClusterId = options.MigrateAcrossClusters ? null : cluster,
            LeavingHostId = vm.HostId,
        };
        return (plan, VirtualMachinePlanner.WhyNotMigrated(vm, offering, needed));
    }

    private static MigrationResponse Of(Workflow row, MigrateDocument document, Dictionary<long, Guid?> hosts)
    {
        var progress = WorkflowProgressManager.Of(row);
        return new MigrationResponse
        {
            Step = Enum.Parse<MigrateStep>(row.Step),
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
