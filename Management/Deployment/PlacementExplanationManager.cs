using Microsoft.EntityFrameworkCore;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.Places;

namespace PciBus.Management.Deployment;

/// <summary>
/// Says why no host fits: causes with counts over all hosts, and up to 50 hosts with their own reasons. Made once, when a
/// refusal is told; planning itself never visits every host.
/// </summary>
internal sealed class PlacementExplanationManager(PciBusDbContext database, PlaceManager places)
{
    private const int NamedHosts = 50;
    private const int NamedDevices = 20;

    /// <param name="plan">What is needed.</param>
    /// <param name="avoid">Hosts that are not planned with, and why.</param>
    /// <param name="told">Hosts whose reasons the caller tells itself.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string> ExplainAsync(
        DeploymentPlan plan, ExcludeList avoid, IReadOnlyCollection<long> told, CancellationToken cancellationToken)
    {
        if (await UnknownNamesAsync(plan.PciDevices, cancellationToken) is { } unknown) return unknown;
        var candidates = database.Set<HostCapacity>().AsNoTracking()
            .Where(capacity => capacity.DataCenterId == plan.DataCenterId && (plan.HostId == null || capacity.HostId == plan.HostId)
                && (plan.ClusterId == null || capacity.ClusterId == plan.ClusterId)
                && (plan.LeavingHostId == null || capacity.HostId != plan.LeavingHostId)
                && !told.Contains(capacity.HostId))
            // A deleted host keeps its capacity row, and is not shown.
            .Where(capacity => database.Set<Host>().Any(host => host.Id == capacity.HostId && host.Removed == null));
        var closed = await places.ClosedAsync(plan.DataCenterId, cancellationToken);
        var causes = await CausesAsync(candidates, plan, avoid, closed, cancellationToken);
        var hosts = await candidates.OrderBy(host => host.HostId).Take(NamedHosts).ToListAsync(cancellationToken);
        var reasons = await ReasonsAsync(hosts, plan, avoid, closed, cancellationToken);
        var other = told.Count > 0 || plan.LeavingHostId is not null ? "other " : "";
        return causes.Count == 0
            ? $"There is no {other}host in the {(plan.ClusterId is null ? "zone" : "cluster")}"
            : $"No {other}host fits: {string.Join(", ", causes)}. {string.Join("; ", reasons)}";
    }

    /// <summary>
    /// For each of some hosts: why a virtual machine cannot go there, null when it can; and whether the host has the CPU and the RAM.
    /// </summary>
    /// <param name="hostUuids">The hosts, a page of them.</param>
    /// <param name="plan">What it needs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Dictionary<Guid, (string? WhyNot, bool HasCapacity)>> WhyNotAsync(
        IReadOnlyList<Guid> hostUuids, DeploymentPlan plan, CancellationToken cancellationToken)
    {
        var hosts = await database.Set<Host>().AsNoTracking().Where(host => hostUuids.Contains(host.Uuid)).ToListAsync(cancellationToken);
        var ids = hosts.Select(host => host.Id).ToList();
        var capacities = await database.Set<HostCapacity>().AsNoTracking().Where(capacity => ids.Contains(capacity.HostId))
            .ToDictionaryAsync(capacity => capacity.HostId, cancellationToken);
        var devices = await DevicesAsync(ids, cancellationToken);
        var closed = await places.ClosedAsync(plan.DataCenterId, cancellationToken);
        return hosts.ToDictionary(host => host.Uuid, host =>
        {
            var capacity = capacities[host.Id];
            var reasons = Reasons(plan, ExcludeList.Empty, host, capacity, [.. devices[host.Id]], closed);
            return (reasons.Count > 0 ? string.Join(", ", reasons) : null, capacity.CpuFree >= plan.Cpu && capacity.RamFree >= plan.Ram);
        });
    }

    private async Task<string?> UnknownNamesAsync(PciDeviceNames request, CancellationToken cancellationToken)
    {
        var unknown = new List<string>();
        foreach (var name in request.Counts.Keys)
        {
            if (!await database.Set<PciDevice>().AnyAsync(device => device.Name == name, cancellationToken)) unknown.Add(name);
        }

        if (unknown.Count == 0) return null;
        var known = await database.Set<PciDevice>().Select(device => device.Name).Distinct().OrderBy(name => name)
            .Take(NamedDevices).ToListAsync(cancellationToken);
        return $"No host reports {string.Join(", ", unknown)}; known: {(known.Count == 0 ? "none" : string.Join(", ", known))}";
    }

    private async Task<List<string>> CausesAsync(
        IQueryable<HostCapacity> candidates,
        DeploymentPlan plan,
        ExcludeList avoid,
        IReadOnlyDictionary<long, string> closed,
        CancellationToken cancellationToken)
    {
        var tried = avoid.Hosts.Keys.ToList();
        var closedIds = closed.Keys.ToList();
        var groups = await candidates
            .GroupBy(host => new
            {
                host.CapacityState,
                host.PlacementClass,
                HasCpu = host.CpuFree >= plan.Cpu,
                HasRam = host.RamFree >= plan.Ram,
                Tried = tried.Contains(host.HostId),
                Closed = closedIds.Contains(host.ClusterId),
            })
            .Select(group => new { group.Key, Count = group.Count() })
            .ToListAsync(cancellationToken);
        var classes = await database.Set<PlacementClass>().AsNoTracking().ToDictionaryAsync(one => one.Digest, cancellationToken);
        return [.. groups
            .Select(group => (
                Cause: group.Key.Tried ? "tried in vain"
                    : group.Key.Closed ? "in a zone, pod or cluster that is Disabled"
                    : CauseOf(
                        plan,
                        classes.GetValueOrDefault(group.Key.PlacementClass),
                        group.Key.CapacityState,
                        group.Key.HasCpu,
                        group.Key.HasRam),
                group.Count))
            .GroupBy(pair => pair.Cause)
            .Select(same => (Cause: same.Key, Count: same.Sum(pair => pair.Count)))
            .OrderByDescending(same => same.Count).ThenBy(same => same.Cause, StringComparer.Ordinal)
            .Select(same => $"{same.Count} {(same.Count == 1 ? "host" : "hosts")} {same.Cause}")];
    }

    private static string CauseOf(DeploymentPlan plan, PlacementClass? placementClass, CapacityState state, bool hasCpu, bool hasRam)
    {
        if (state != CapacityState.Enabled) return "not Up and Enabled";
        // The last host has left the class since it was counted.
        if (placementClass is null) return "taken meanwhile";
        if (!HostTags.Cover(placementClass.HostTags, plan.HostTags)) return "without the tags";
        if (!PciDeviceNames.Parse(placementClass.PciDevices).Covers(plan.PciDevices)) return "short of devices";
        if (!hasCpu) return "short of CPU";
        return hasRam ? "taken meanwhile" : "short of RAM";
    }

    private async Task<List<string>> ReasonsAsync(
        List<HostCapacity> capacities,
        DeploymentPlan plan,
        ExcludeList avoid,
        IReadOnlyDictionary<long, string> closed,
        CancellationToken cancellationToken)
    {
        var ids = capacities.Select(capacity => capacity.HostId).ToList();
        var hosts = await database.Set<Host>().AsNoTracking().Where(host => ids.Contains(host.Id)).ToDictionaryAsync(
            host => host.Id, cancellationToken);
        var devices = await DevicesAsync(ids, cancellationToken);
        return [.. capacities.Select(capacity =>
            About.Of(
                hosts[capacity.HostId].Name,
                WhyNot(plan, avoid, hosts[capacity.HostId], capacity, [.. devices[capacity.HostId]], closed)))];
    }

    private async Task<ILookup<long, PciDevice>> DevicesAsync(List<long> hostIds, CancellationToken cancellationToken) =>
        (await database.Set<PciDevice>().AsNoTracking().Where(device => hostIds.Contains(device.HostId)).ToListAsync(cancellationToken))
            .ToLookup(device => device.HostId);

    private static string WhyNot(
        DeploymentPlan plan,
        ExcludeList avoid,
        Host host,
        HostCapacity capacity,
        IReadOnlyList<PciDevice> devices,
        IReadOnlyDictionary<long, string> closed) =>
        Reasons(plan, avoid, host, capacity, devices, closed) is { Count: > 0 } reasons
            ? string.Join(", ", reasons)
            : "it was taken meanwhile";

    private static List<string> Reasons(
        DeploymentPlan plan,
        ExcludeList avoid,
        Host host,
        HostCapacity capacity,
        IReadOnlyList<PciDevice> devices,
        IReadOnlyDictionary<long, string> closed)
    {
        var reasons = new List<string>();
        if (avoid.Hosts.TryGetValue(host.Id, out var tried)) reasons.Add(tried);
        if (closed.TryGetValue(capacity.ClusterId, out var why)) reasons.Add($"its {why}");
        else if (capacity.CapacityState != CapacityState.Enabled) reasons.Add($"it is {host.Status} and {host.ResourceState}");
        if (!HostTags.Cover(host.HostTags, plan.HostTags)) reasons.Add($"it has not all of the tags {plan.HostTags}");
        var accounter = new PciDeviceAccounter(devices);
        if (accounter.Shortage(plan.PciDevices) is { } shortage) reasons.Add(shortage);
        else if (accounter.Pick(plan.PciDevices) is null) reasons.Add("its free devices cannot be given out together");
        if (capacity.CpuFree < plan.Cpu) reasons.Add($"CPU: {plan.Cpu} MHz asked, {capacity.CpuFree} free");
        if (capacity.RamFree < plan.Ram) reasons.Add($"RAM: {plan.Ram >> 20} MiB asked, {capacity.RamFree >> 20} free");
        return reasons;
    }
}
