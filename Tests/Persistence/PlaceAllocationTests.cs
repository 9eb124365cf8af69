using PciBus.Contracts.Startup;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>A zone, pod or cluster that an operator has disabled takes nothing new; what is there stays.</summary>
public abstract class PlaceAllocationTests : IDisposable
{
    private readonly ManagementRig _rig;
    private readonly Operator _act;

    private protected PlaceAllocationTests(DatabaseProvider provider)
    {
        _rig = new ManagementRig(provider: provider);
        _act = new Operator(_rig);
    }

    [Theory]
    [InlineData(nameof(Zone), "zone zone1 is Disabled")]
    [InlineData(nameof(Pod), "pod pod1 is Disabled")]
    [InlineData(nameof(Cluster), "cluster cluster1 is Disabled")]
    public async Task DisabledPlace_TakesNothingNew_UntilItIsEnabled(string kind, string why)
    {
        var host = await _rig.ConnectAsync(In("cluster1", "kvm1"));
        await SetAsync(kind, AllocationState.Disabled);
        Assert.Equal(CapacityState.Disabled, Capacity(host));

        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));
        await _act.StartAsync(vm);
        Assert.Equal(VirtualMachineState.Stopped, _act.Look(vm).State);
        Assert.Contains($"1 host in a zone, pod or cluster that is Disabled. kvm1: its {why}", _act.LastJob().JobResult, StringComparison.Ordinal);

        // What the host says meanwhile changes nothing.
        host = await _rig.ConnectAsync(In("cluster1", "kvm1"));
        Assert.Equal((HostStatus.Up, CapacityState.Disabled), (host.Status, Capacity(host)));

        await SetAsync(kind, AllocationState.Enabled);
        Assert.Equal(CapacityState.Enabled, Capacity(host));
        await _act.StartAsync(vm);
        Assert.Equal(VirtualMachineState.Starting, _act.Look(vm).State);
        Assert.Equal(
            [$"{kind.ToLowerInvariant()} {kind.ToLowerInvariant()}1 is Disabled", $"{kind.ToLowerInvariant()} {kind.ToLowerInvariant()}1 is Enabled"],
            _rig.Read(database => database.Set<Event>().Where(one => one.ResourceType == kind).OrderBy(one => one.Id).Select(one => one.Description).ToList()));
    }

    [Fact]
    public async Task WhatIsThere_GoesOn_AndGetsNoDevice()
    {
        await _rig.ConnectAsync(In("cluster1", "kvm1", "28:00.1|10GE", "28:00.2|10GE"));
        var vm = await _act.RunAsync();
        await SetAsync(nameof(Cluster), AllocationState.Disabled);
        Assert.Equal(VirtualMachineState.Running, _act.Look(vm).State);

        await _act.AttachAsync(vm, "10GE");

        Assert.Contains("kvm1 gives out no devices: its cluster cluster1 is Disabled", _act.LastJob().JobResult, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneOfTwoThatAreDisabled_IsNotEnough()
    {
        var host = await _rig.ConnectAsync(In("cluster1", "kvm1"));
        await SetAsync(nameof(Zone), AllocationState.Disabled);
        await SetAsync(nameof(Cluster), AllocationState.Disabled);

        await SetAsync(nameof(Cluster), AllocationState.Enabled);
        Assert.Equal(CapacityState.Disabled, Capacity(host));

        await SetAsync(nameof(Zone), AllocationState.Enabled);
        Assert.Equal(CapacityState.Enabled, Capacity(host));
    }

    [Fact]
    public async Task HostThatTakesNothingItself_TakesNothing_WhenItsPlaceIsEnabled()
    {
        var host = await _rig.ConnectAsync(In("cluster1", "kvm1"));
        Assert.Null(await _rig.TryAsync((HostAdministrationManager hosts) => hosts.EnableAsync(host.Id, false, Caller.Admin, CancellationToken.None)));
        await SetAsync(nameof(Cluster), AllocationState.Disabled);

        await SetAsync(nameof(Cluster), AllocationState.Enabled);

        Assert.Equal(CapacityState.Disabled, Capacity(host));
    }

    [Fact]
    public async Task OtherClusters_TakeWhatADisabledOneDoesNot()
    {
        await _rig.ConnectAsync(In("cluster1", "kvm1"));
        var second = await _rig.ConnectAsync(In("cluster2", "kvm2"));
        await SetAsync(nameof(Cluster), AllocationState.Disabled);

        var vm = await _act.RunAsync();

        Assert.Equal((VirtualMachineState.Running, second.Id), (_act.Look(vm).State, _act.Look(vm).HostId));
    }

    [Fact]
    public async Task HostThatIsMovedThere_TakesNothing()
    {
        await _rig.ConnectAsync(In("cluster1", "kvm1"));
        await _rig.ConnectAsync(In("cluster2", "kvm2"));
        await SetAsync(nameof(Cluster), AllocationState.Disabled);

        var moved = await _rig.ConnectAsync(In("cluster1", "kvm2"));

        Assert.Equal(CapacityState.Disabled, Capacity(moved));
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private static StartupRoutingCommand In(string cluster, string guid, params string[] devices) =>
        Announcements.Host(guid, devices is [] ? ["28:00.1|10GE"] : devices) with { DataCenter = "zone1", Cluster = cluster };

    /// <summary>Of the first of its kind.</summary>
    private async Task SetAsync(string kind, AllocationState wanted) => Assert.Null(await _rig.TryAsync((PlaceAllocationManager places) => kind switch
    {
        nameof(Zone) => places.SetZoneAsync(1, wanted, Caller.Admin, CancellationToken.None),
        nameof(Pod) => places.SetPodAsync(1, wanted, Caller.Admin, CancellationToken.None),
        _ => places.SetClusterAsync(1, wanted, Caller.Admin, CancellationToken.None),
    }));

    private CapacityState Capacity(Host host) => _rig.Read(database => database.Set<HostCapacity>().Single(row => row.HostId == host.Id)).CapacityState;

    public sealed class OnSqlite() : PlaceAllocationTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : PlaceAllocationTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : PlaceAllocationTests(DatabaseProvider.SqlServer);
}
