using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Fencing;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Who is heard although it is not Up, and who never was.</summary>
public abstract partial class FencingTests
{
    [Fact]
    public async Task HostThatIsHeard_IsNotFenced_AlthoughWhatIsThereIsNotSettled()
    {
        var host = await UnsettledAsync();
        await HeardAsync(host, 2);
        Assert.Equal(HostStatus.Alert, _life.Look(host).Status);
        var silence = HostLivenessJob.About.Interval + (HostLife.Options.PingInterval * (double)(HostLife.Options.PingTimeout + 2));

        await FenceAfterAsync(Grace);
        Assert.True(_life.Look(host).FenceAt <= _life.Rig.Time.GetUtcNow());
        await FenceAfterAsync(silence - Grace - TimeSpan.FromSeconds(1));
        Assert.Empty(Fencing.Attempts);

        await FenceAfterAsync(TimeSpan.FromSeconds(1));
        Assert.Single(Fencing.Attempts);
        Assert.Equal(HostStatus.Down, _life.Look(host).Status);
    }

    [Fact]
    public async Task HostThatIsHeardWhileItIsFenced_IsNotDown_AlthoughWhatIsThereIsNotSettled()
    {
        var host = await UnsettledAsync();
        Fencing.Answer = async _ =>
        {
            await HeardAsync(host, 2);
            return null;
        };

        await FenceAfterAsync(Grace);

        Assert.Equal((HostStatus.Alert, host.Session), (_life.Look(host).Status, _life.Look(host).Session));
        Assert.Contains(_life.Rig.Log.Lines, line => line.Text == "kvm1 was fenced, and is not down: kvm1 was heard since");
    }

    [Fact]
    public async Task HostThatAnotherServerHears_IsNotDown_AlthoughThatServerHasNotWrittenItDown()
    {
        var host = await UnsettledAsync();
        using var another = _life.Rig.AnotherServer();
        await another.Get<HeardHosts>().WriteAsync(CancellationToken.None);
        Fencing.Answer = _ =>
        {
            another.Get<HostLiveness>().Hear(host.Id, Announcements.Report("28:00.1|10GE") with { Session = host.Session, Sequence = 2 });
            return Task.FromResult<FencingFailure?>(null);
        };

        await FenceWhileAsync(() => another.Get<HeardHosts>().WriteAsync(CancellationToken.None));

        Assert.Equal(HostStatus.Alert, _life.Look(host).Status);
        Assert.Contains(_life.Rig.Log.Lines, line => line.Text == "kvm1 was fenced, and is not down: kvm1 was heard since");
    }

    [Fact]
    public async Task ServerThatDied_IsWaitedForAMinute_AndForgotten()
    {
        var host = await SilentAsync("kvm1", "kvm2");
        using var another = _life.Rig.AnotherServer();
        await another.Get<HeardHosts>().WriteAsync(CancellationToken.None);
        var began = _life.Rig.Time.GetUtcNow() + Grace;

        await FenceWhileAsync(() => Task.CompletedTask);

        Assert.Equal(HostStatus.Down, _life.Look(host).Status);
        Assert.True(_life.Rig.Time.GetUtcNow() - began >= HeardHosts.Patience);
        Assert.Single(_life.Rig.Read(database => database.Set<ManagementServerHost>().ToList()));
    }

    [Fact]
    public async Task HostWhoseMachineIsHeard_WithAnotherGuid_IsNotFenced_UntilItIsSilent()
    {
        await SilentAsync("kvm1", "kvm2");
        _life.Rig.Execute("UPDATE host SET machine = 'machine-1' WHERE guid = 'kvm1'");
        await _life.Rig.Agents.StartupAsync(Announcements.Host("new-guid") with { Machine = "machine-1" }, CancellationToken.None);

        await FenceAfterAsync(Grace);
        Assert.Empty(Fencing.Attempts);
        Assert.Equal("kvm1 is not fenced: its machine may run", _life.Standing(AlertType.FencingFailed).Subject);

        await FenceAfterAsync(HostMachineManager.Silence);
        Assert.Single(Fencing.Attempts);
    }

    [Fact]
    public async Task HostsThatWereAdded_AndNeverAnnouncedThemselves_DoNotCount()
    {
        var host = await SilentAsync("kvm1", "kvm2");
        var cluster = _life.Rig.Read(database => database.Set<Cluster>().Single(row => row.Id == host.ClusterId));
        foreach (var guid in new[] { "new1", "new2", "new3" })
        {
            var added = await _life.Rig.RunAsync((HostManager hosts) => hosts.AddAsync(guid, guid, cluster, "was added", CancellationToken.None));
            Assert.Equal(HostStatus.Creating, added.Status);
        }

        await FenceAfterAsync(Grace);

        Assert.Single(Fencing.Attempts);
    }

    /// <summary>A host came back with a device that is a virtual machine's yet, and fell silent.</summary>
    private async Task<Host> UnsettledAsync()
    {
        await _life.Rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var vm = await _life.Rig.CreateVmAsync(_life.Rig.Add(Rows.Offering("10GE")));
        _life.Rig.Execute($"UPDATE op_host_pci_devices SET instance_id = {vm.Id}, claim = 1");
        var host = await SilentAsync("kvm1", "kvm2", "28:00.1|10GE");
        Assert.Equal(vm.Id, _life.DeviceOf(host).InstanceId);
        return host;
    }

    /// <summary>Fences what is due, and does something in each second that it waits.</summary>
    private async Task FenceWhileAsync(Func<Task> eachSecond)
    {
        var fencing = FenceAfterAsync(Grace);
        await Patience.UntilAsync(
            async () =>
            {
                await eachSecond();
                if (!fencing.IsCompleted) _life.Rig.Time.Advance(TimeSpan.FromSeconds(1));
                return fencing.IsCompleted;
            },
            TimeSpan.FromSeconds(20),
            () => "it is fenced yet",
            TestContext.Current.CancellationToken);
        await fencing;
    }

    private async Task HeardAsync(Host host, long sequence)
    {
        await _life.PingAsync(host, sequence);
        await _life.Rig.Get<HeardHosts>().WriteAsync(CancellationToken.None);
    }

    [OutOfProcess]
    public sealed class OnSqlServer() : FencingTests(DatabaseProvider.SqlServer);
}
