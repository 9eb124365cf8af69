using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Jobs;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StartVirtualMachine;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Hosts that an operator does not trust.</summary>
public abstract class DegradedHostTests : IDisposable
{
    private readonly HostLife _life;

    private protected DegradedHostTests(DatabaseProvider provider) => _life = new HostLife(provider);

    [Fact]
    public async Task DegradedHost_GetsNothing_EvenWhenItIsBack_UntilItIsTrustedAgain()
    {
        var host = await _life.SilentAsync("kvm1");
        Assert.Null(await DeclareAsync(host));
        var job = _life.Rig.Read(database => database.Set<AsyncJob>().Single());
        Assert.Equal((JobStatus.Succeeded, EventTypes.HostDeclareDegraded, host.Id), (job.JobStatus, job.EventType, job.InstanceId));

        await _life.PingAsync(host, 2);
        Assert.Equal((HostStatus.Up, ResourceState.Degraded, CapacityState.Disabled), (_life.Look(host).Status, _life.Look(host).ResourceState, _life.Capacity(host)));

        Assert.Null(await CancelAsync(host));
        Assert.Equal((ResourceState.Enabled, CapacityState.Enabled), (_life.Look(host).ResourceState, _life.Capacity(host)));
    }

    [Fact]
    public async Task WhatIsThere_StaysThere()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var offering = Rows.Offering("10GE");
        offering.HaEnabled = true;
        var vm = await _life.Rig.CreateVmAsync(_life.Rig.Add(offering));
        await _life.Act.StartAsync(vm);
        await _life.Act.AnswerAsync(vm, Observation.Running);
        await _life.InvestigateAfterAsync(HostLife.Behind + HostLife.Options.PingInterval);
        await _life.Rig.ConnectAsync(Announcements.Host("kvm2", "28:00.1|10GE"));

        Assert.Null(await DeclareAsync(host));
        await _life.Rig.RunJobAsync<DownHostsJob>();
        await _life.Rig.RunJobAsync<RestartsJob>();

        Assert.Equal((VirtualMachineState.Running, host.Id, null), (_life.Act.Look(vm).State, _life.Act.Look(vm).HostId, _life.Act.Look(vm).RestartAt));
        Assert.Equal((HostStatus.Alert, vm.Id), (_life.Look(host).Status, _life.DeviceOf(host).InstanceId));
    }

    [Fact]
    public async Task WhatCannotBe_IsRefused()
    {
        var host = await _life.Rig.ConnectAsync(Announcements.Host("kvm1"));
        Assert.Equal("kvm1 is Up; only a host in Alert or Disconnected can be declared degraded", (await DeclareAsync(host))!.Text);
        Assert.Equal("kvm1 is Enabled, not Degraded", (await CancelAsync(host))!.Text);

        await _life.SilentAsync("kvm1");
        Assert.Null(await DeclareAsync(host));
        Assert.Equal("kvm1 is Degraded already", (await DeclareAsync(host))!.Text);
        Assert.Null(await _life.DeclareDownAsync(host));
        Assert.Null(await CancelAsync(host));
        Assert.Equal("kvm1 is Down; only a host in Alert or Disconnected can be declared degraded", (await DeclareAsync(host))!.Text);
    }

    public void Dispose()
    {
        _life.Dispose();
        GC.SuppressFinalize(this);
    }

    private Task<Refusal?> DeclareAsync(Host host) => _life.Rig.TryAsync(async (HostDegradationManager hosts) =>
        (await hosts.DeclareAsync(host.Id, Request(EventTypes.HostDeclareDegraded), CancellationToken.None)).Refusal);

    private Task<Refusal?> CancelAsync(Host host) => _life.Rig.TryAsync(async (HostDegradationManager hosts) =>
        (await hosts.CancelAsync(host.Id, Request(EventTypes.HostCancelDegraded), CancellationToken.None)).Refusal);

    private static JobRequest Request(string eventType) => new("test", Caller.Admin, eventType, "test");

    public sealed class OnSqlite() : DegradedHostTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : DegradedHostTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : DegradedHostTests(DatabaseProvider.SqlServer);
}
