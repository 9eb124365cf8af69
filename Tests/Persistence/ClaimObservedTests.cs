using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows.Settle;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>What virtual machines own, compared with what hosts see.</summary>
public abstract class ClaimObservedTests : IAsyncLifetime
{
    private static readonly Guid Foreign = Guid.Parse("01020304-0506-0708-090a-0b0c0d0e0f10");
    private readonly ManagementRig _rig;
    private readonly Operator _act;
    private Host? _host;
    private long _sequence = 1;

    private protected ClaimObservedTests(DatabaseProvider provider)
    {
        _rig = new ManagementRig(provider: provider);
        _act = new Operator(_rig);
    }

    public async ValueTask InitializeAsync() => _host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));

    [Fact]
    public async Task DeviceInAForeignDomain_IsGivenToNobody_UntilTheDomainIsGone()
    {
        await ReportAsync(Announcements.Domain(Foreign, "28:00.1") with { Name = "by-hand" });

        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));
        await _act.StartAsync(vm);
        Assert.Equal(RefusalCause.InsufficientCapacity, _act.LastJob().Failure);
        Assert.Contains("1 in a domain that does not own it", _act.LastJob().JobResult, StringComparison.Ordinal);
        var alert = Standing(AlertType.PciDeviceInForeignDomain)!;
        Assert.Equal("kvm1: 0000:28:00.1 (10GE) is in the domain by-hand, which does not own it", alert.Subject);
        Assert.Contains(Foreign.ToString(), alert.Body, StringComparison.Ordinal);

        await ReportAsync();
        Assert.Null(Standing(AlertType.PciDeviceInForeignDomain));
        await _act.StartAsync(vm);
        Assert.Equal((VirtualMachineState.Starting, vm.Id), (_act.Look(vm).State, Device().InstanceId));
    }

    [Fact]
    public async Task HostThatCannotListItsDomains_HasNotDeniedThem()
    {
        await ReportAsync(Announcements.Domain(Foreign, "28:00.1"));

        await ReportAsync(Announcements.Report("28:00.1|10GE") with { VirtualMachines = null });

        Assert.NotNull(Standing(AlertType.PciDeviceInForeignDomain));
        Assert.Equal(Foreign, Device().SeenIn);
    }

    [Fact]
    public async Task DeviceThatItsOwnerGivesBack_IsGivenToNobody_WhileAForeignDomainHasIt()
    {
        var vm = await _act.RunAsync();
        await ReportAsync(Announcements.Domain(vm.Uuid), Announcements.Domain(Foreign, "28:00.1"));

        await _act.StopAsync(vm);
        await _act.AnswerAsync(vm, Observation.Off);

        Assert.Equal((null, Foreign), (Device().InstanceId, Device().SeenIn));
        _sequence = 200;
        await ReportAsync(Announcements.Domain(Foreign));
        Assert.Null(Device().SeenIn);
    }

    [Fact]
    [ShowsEndOf(AlertType.PciDeviceNotInDomain)]
    public async Task DeviceThatIsNotInItsDomain_IsAnAlert_UntilItIs()
    {
        var vm = await StartedAsync(inDomain: true);
        Assert.Null(Standing(AlertType.PciDeviceNotInDomain));

        await ReportAsync(Announcements.Domain(vm.Uuid));
        Assert.Equal("kvm1: 0000:28:00.1 (10GE) is not in vm, which owns it", Standing(AlertType.PciDeviceNotInDomain)!.Subject);
        Assert.Equal(vm.Id, Device().InstanceId);

        await ReportAsync(Announcements.Domain(vm.Uuid, "28:00.1"));
        Assert.Null(Standing(AlertType.PciDeviceNotInDomain));
    }

    [Fact]
    public async Task DeviceThatNeverWasInItsDomain_IsFound_ThoughTheReportSaysNothingNew()
    {
        var vm = await StartedAsync(inDomain: false);

        await ReportAsync(Announcements.Domain(vm.Uuid));

        Assert.NotNull(Standing(AlertType.PciDeviceNotInDomain));
    }

    [Fact]
    public async Task VmOnItsWay_MayBeWithoutItsDevices()
    {
        var vm = await StartedAsync(inDomain: true);
        await _act.StopAsync(vm);

        await ReportAsync(Announcements.Domain(vm.Uuid));

        Assert.Null(Standing(AlertType.PciDeviceNotInDomain));
    }

    [Fact]
    public async Task ReportFromBeforeTheAnswer_SaysNothingOfIt()
    {
        var vm = await _act.RunAsync();

        await ReportAsync(Announcements.Domain(vm.Uuid));

        Assert.Null(Standing(AlertType.PciDeviceNotInDomain));
    }

    [Theory]
    [InlineData("Destroyed")]
    [InlineData("Stopped")]
    public async Task ClaimOfAVmThatIsGone_IsSettled(string state)
    {
        var vm = await _act.RunAsync();
        _rig.Execute($"UPDATE vm_instance SET state = '{state}', host_id = NULL");

        Assert.Equal("settlements begun: 1", await SettleStraysAsync());
        await _act.AnswerAsync(vm, Observation.Off);

        Assert.Null(Device().InstanceId);
        Assert.Equal(0, _rig.Read(database => database.Set<HostCapacityOfVm>().Count()));
        await SettleStraysAsync();
        Assert.Null(await SettleStraysAsync());
    }

    [Fact]
    public async Task WhatIsHeldWhereItShouldBe_OrIsSettledAlready_OrOnAHostThatIsAway_IsLeftAlone()
    {
        await _act.RunAsync();
        Assert.Null(await SettleStraysAsync());

        _rig.Execute("UPDATE vm_instance SET state = 'Stopped', host_id = NULL, workflow_id = 4711");
        await SettleStraysAsync();
        Assert.Null(await SettleStraysAsync());

        _rig.Execute("UPDATE vm_instance SET workflow_id = NULL; UPDATE host SET status = 'Alert'");
        await SettleStraysAsync();
        Assert.Null(await SettleStraysAsync());
    }

    public ValueTask DisposeAsync()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A virtual machine runs, and the host has reported it since; before its answer as well.</summary>
    private async Task<VirtualMachine> StartedAsync(bool inDomain)
    {
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));
        await _act.StartAsync(vm);
        var domain = inDomain ? Announcements.Domain(vm.Uuid, "28:00.1") : Announcements.Domain(vm.Uuid);
        await ReportAsync(domain);
        await _act.AnswerAsync(vm, Observation.Running);
        _sequence = 100;
        await ReportAsync(domain);
        return vm;
    }

    private Task ReportAsync(params DomainReport[] domains) =>
        ReportAsync(Announcements.Report("28:00.1|10GE") with { VirtualMachines = [.. domains] });

    private Task ReportAsync(HostReport report) => _rig.Agents.PingAsync(
        Announcements.Ping("kvm1", report, _host!.Session, ++_sequence) with { SentAt = _rig.Time.GetUtcNow() }, CancellationToken.None);

    private Task<string?> SettleStraysAsync() => _rig.RunJobAsync<StrayClaimsJob>();

    private PciDevice Device() => _rig.Read(database => database.Set<PciDevice>().Single());

    private Alert? Standing(AlertType type) => _rig.Read(database => database.Set<Alert>().SingleOrDefault(row => row.Type == type && row.Resolved == null));

    public sealed class OnSqlite() : ClaimObservedTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : ClaimObservedTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : ClaimObservedTests(DatabaseProvider.SqlServer);
}
