using CsCheck;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.Deployment;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Deployment;

/// <summary>Placement on random clusters, compared with a look at every host.</summary>
public sealed class PlacementTests
{
    private const int Clusters = 25;

    [Fact]
    public Task Vm_IsPlacedWhereItFits_AndRefusedOnlyWhenNoHostFits() => RandomClusters.All.HoldsAsync(
        async sketch =>
        {
            using var rig = await ConnectAsync(sketch);
            var act = new Operator(rig);
            foreach (var request in sketch.Requests)
            {
                var fitting = Fitting(rig, request, []);
                var vm = await StartAsync(rig, act, request);
                if (fitting.Count == 0)
                {
                    Assert.Equal((VirtualMachineState.Stopped, RefusalCause.InsufficientCapacity), (vm.State, act.LastJob().Failure));
                    continue;
                }

                Assert.Contains(vm.HostId!.Value, fitting.Select(host => host.HostId));
                if (request.PciDevices.Length == 0) AssertKeepsDevicesFree(vm, fitting);
                AssertClaims(rig, vm, request);
                AssertBooks(rig);
            }
        },
        iter: Clusters);

    [Fact]
    public Task ExcludedHost_IsNeverPlanned() => RandomClusters.All.HoldsAsync(
        async sketch =>
        {
            using var rig = await ConnectAsync(sketch);
            foreach (var request in sketch.Requests)
            {
                var avoid = ExcludeList.Empty;
                var left = Fitting(rig, request, []).Select(host => host.HostId).ToHashSet();
                while (await PlanAsync(rig, request, avoid) is { } destination)
                {
                    Assert.True(left.Remove(destination.HostId), $"host {destination.HostId} does not fit, or was excluded");
                    avoid = avoid.Add(destination.HostId, "tried");
                }

                Assert.Empty(left);
            }
        },
        iter: Clusters);

    [Fact]
    public Task SameCluster_GivesTheSamePlacements() => RandomClusters.All.HoldsAsync(
        async sketch => Assert.Equal(await PlacementsAsync(sketch), await PlacementsAsync(sketch)), iter: 10);

    [Fact]
    public Task WantedHost_GoesThroughTheSameChecks() => RandomClusters.All.HoldsAsync(
        async sketch =>
        {
            using var rig = await ConnectAsync(sketch);
            foreach (var request in sketch.Requests)
            {
                var fitting = Fitting(rig, request, []).Select(host => host.HostId).ToHashSet();
                for (var hostId = 1; hostId <= sketch.Hosts.Count; hostId++)
                {
                    Assert.Equal(fitting.Contains(hostId), await PlanAsync(rig, request, ExcludeList.Empty, hostId) is not null);
                }
            }
        },
        iter: 10);

    private static async Task<ManagementRig> ConnectAsync(RandomClusters.Sketch sketch)
    {
        var rig = new ManagementRig();
        foreach (var (host, i) in sketch.Hosts.Select((host, i) => (host, i)))
        {
            var announced = Announcements.Host($"kvm{i}", [.. host.PciDevices.Select((name, slot) => $"28:{slot:x2}.0|{name}")]) with
            {
                Cpus = host.Cpus,
                Speed = 1000,
                Memory = (long)host.RamGiB << 30,
                HostTags = host.Tags.Split(',', StringSplitOptions.RemoveEmptyEntries),
            };
            var row = await rig.ConnectAsync(announced);
            if (!host.Gone) continue;
            await rig.Agents.ShutdownAsync(new ShutdownCommand { HostGuid = row.Guid, Session = row.Session }, CancellationToken.None);
        }

        return rig;
    }

    private static async Task<VirtualMachine> StartAsync(ManagementRig rig, Operator act, RandomClusters.RequestSketch request)
    {
        var offering = rig.Add(Rows.Offering(request.PciDevices, cpu: request.Cpu, ram: request.RamMiB, hostTags: request.Tags));
        var vm = await rig.CreateVmAsync(offering);
        await act.StartAsync(vm);
        if (act.Look(vm).HostId is not null) await act.AnswerAsync(vm, Observation.Running);
        return act.Look(vm);
    }

    private static Task<DeployDestination?> PlanAsync(
        ManagementRig rig, RandomClusters.RequestSketch request, ExcludeList avoid, long? hostId = null) => rig.RunAsync(
        (DeploymentPlanningManager planning) => planning.PlanDeploymentAsync(
            new DeploymentPlan(
                1, request.Cpu * 1000, (long)request.RamMiB << 20, PciDeviceNames.ParseList(request.PciDevices), request.Tags, hostId),
            avoid,
            CancellationToken.None));

    private static async Task<List<long?>> PlacementsAsync(RandomClusters.Sketch sketch)
    {
        using var rig = await ConnectAsync(sketch);
        var act = new Operator(rig);
        var placements = new List<long?>();
        foreach (var request in sketch.Requests) placements.Add((await StartAsync(rig, act, request)).HostId);
        return placements;
    }

    /// <summary>Looks at every host: those that fit, with how many devices are free there.</summary>
    private static List<(long HostId, int FreeDevices)> Fitting(ManagementRig rig, RandomClusters.RequestSketch request, HashSet<long> avoid)
    {
        var hosts = rig.Read(database => database.Set<Host>().ToList());
        var taken = rig.Read(database => database.Set<HostCapacityOfVm>().ToList());
        var devices = rig.Read(database => database.Set<PciDevice>().Where(device => device.InstanceId == null).ToList());
        var asked = request.PciDevices.Split(',', StringSplitOptions.RemoveEmptyEntries).GroupBy(name => name).ToList();
        return [.. hosts
            .Where(host => host.Status == HostStatus.Up && !avoid.Contains(host.Id))
            .Where(host => (host.Cpus * host.Speed) - taken.Where(row => row.HostId == host.Id).Sum(row => row.Cpu) >= request.Cpu * 1000)
            .Where(host => host.Ram - host.Dom0Memory - taken.Where(row => row.HostId == host.Id).Sum(row => row.Ram) >= (long)request.RamMiB << 20)
            .Where(host => request.Tags.Length == 0 || host.HostTags.Split(',').Contains(request.Tags))
            .Where(host => asked.All(name => devices.Count(device => device.HostId == host.Id && device.Name == name.Key) >= name.Count()))
            .Select(host => (host.Id, devices.Count(device => device.HostId == host.Id)))];
    }

    private static void AssertKeepsDevicesFree(VirtualMachine vm, List<(long HostId, int FreeDevices)> fitting)
    {
        if (fitting.Any(host => host.FreeDevices == 0)) Assert.Equal(0, fitting.Single(host => host.HostId == vm.HostId).FreeDevices);
    }

    private static void AssertClaims(ManagementRig rig, VirtualMachine vm, RandomClusters.RequestSketch request)
    {
        var owned = rig.Read(database => database.Set<PciDevice>().Where(device => device.InstanceId == vm.Id).ToList());
        Assert.All(owned, device => Assert.Equal((vm.HostId!.Value, 1L), (device.HostId, device.Claim)));
        Assert.Equal(PciDeviceNames.ParseList(request.PciDevices), PciDeviceNames.Of(owned.Select(device => device.Name)));
    }

    /// <summary>Capacity equals the sum of its rows, and is never exceeded.</summary>
    private static void AssertBooks(ManagementRig rig)
    {
        var taken = rig.Read(database => database.Set<HostCapacityOfVm>().ToList());
        Assert.All(rig.Read(database => database.Set<HostCapacity>().ToList()), capacity =>
        {
            var here = taken.Where(row => row.HostId == capacity.HostId).ToList();
            Assert.Equal((here.Sum(row => row.Cpu), here.Sum(row => row.Ram)), (capacity.CpuUsed, capacity.RamUsed));
            Assert.True(capacity is { CpuFree: >= 0, RamFree: >= 0 });
        });
    }
}
