using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>A host is the row of one machine, whatever guid the machine announces itself with.</summary>
public abstract class HostMachineTests : IDisposable
{
    private readonly HostLife _life;

    private protected HostMachineTests(DatabaseProvider provider) => _life = new HostLife(provider);

    private ManagementRig Rig => _life.Rig;

    [Fact]
    public async Task Row_TakesTheFirstMachineItHears_AndKeepsIt()
    {
        await Rig.ConnectAsync(Announcements.Host("kvm1"));
        var host = await Rig.ConnectAsync(Of("kvm1", "machine-1"));
        Assert.Equal("machine-1", host.Machine);

        // An agent of an earlier version does not say.
        host = await Rig.ConnectAsync(Announcements.Host("kvm1"));
        Assert.Equal(("machine-1", 3L), (host.Machine, host.Session));
    }

    [Fact]
    public async Task MachineOfARow_WithAnotherGuid_BeginsNoSession_AndOneAlertNamesBoth()
    {
        var (host, vm) = await RunningAsync();

        for (var time = 0; time < 2; time++) await RefusedAsync(Of("new-guid", "machine-1"), "its machine is that of the host kvm1 (kvm1)");

        Assert.Equal(1, Rig.Read(database => database.Set<Host>().Count()));
        Assert.Equal(host.Session, _life.Look(host).Session);
        Assert.Equal(vm, _life.DeviceOf(host).InstanceId);
        var alert = Assert.Single(Alerts());
        Assert.Contains("host kvm1 announces itself as new-guid (new-guid)", alert, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherMachine_WithTheGuidOfARow_BeginsNoSession()
    {
        var (host, _) = await RunningAsync();

        await RefusedAsync(Of("kvm1", "machine-2"), "the guid kvm1 is that of the host kvm1, which is another machine");

        Assert.Equal(host.Session, _life.Look(host).Session);
        Assert.Contains("Another machine announces itself as host kvm1: kvm1 (kvm1)", Assert.Single(Alerts()), StringComparison.Ordinal);
        await Rig.ConnectAsync(Of("kvm1", "machine-1", "28:00.1|10GE"));
        Assert.Empty(Alerts());
    }

    [Fact]
    public async Task MachineThatIsHeard_IsNotDeclaredDown_UntilItIsSilent()
    {
        var (host, _) = await RunningAsync();
        await LeaveAsync(host);
        await RefusedAsync(Of("new-guid", "machine-1"), "its machine is that of the host kvm1 (kvm1)");

        var refusal = await _life.DeclareDownAsync(host);

        Assert.Contains("kvm1 is not down: its machine announced itself at ", refusal!.Text, StringComparison.Ordinal);
        Rig.Time.Advance(HostMachineManager.Silence);
        Assert.Null(await _life.DeclareDownAsync(host));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HostWhoseTwinIsHeard_IsNotDeclaredDown_UnlessTheOperatorInsists(bool sameName)
    {
        var old = await Rig.ConnectAsync(Announcements.Host("kvm1") with { PrivateIpAddress = "10.0.0.1" });
        await LeaveAsync(old);
        await Rig.ConnectAsync(Announcements.Host("kvm9") with
        {
            Name = sameName ? "kvm1" : "kvm9",
            PrivateIpAddress = sameName ? null : "10.0.0.1",
        });

        var refusal = await _life.DeclareDownAsync(old);

        Assert.Equal(
            sameName ? "kvm1 is not down: the host kvm1 (kvm9) has the same name and is heard" : "kvm1 is not down: the host kvm9 (kvm9) has the same address and is heard",
            refusal!.Text);
        Assert.Null(await _life.DeclareDownAsync(old, forced: true));
    }

    [Fact]
    [ShowsEndOf(AlertType.HostMachine)]
    public async Task NewGuid_LetsTheHostGoOn_WithEverythingThatWasClaimed()
    {
        var (host, vm) = await RunningAsync();
        await LeaveAsync(host);
        await RefusedAsync(Of("new-guid", "machine-1"), "its machine is that of the host kvm1 (kvm1)");

        Assert.Null(await UpdateAsync(host, guid: "new-guid"));
        var again = await Rig.ConnectAsync(Of("new-guid", "machine-1", "28:00.1|10GE"));

        Assert.Equal((host.Id, host.Session + 1), (again.Id, again.Session));
        Assert.Equal(vm, _life.DeviceOf(host).InstanceId);
        Assert.Empty(Alerts());
    }

    [Fact]
    public async Task NewGuid_IsRefused_WhileTheHostIsHeard_WhenItIsTaken_OrNoGuid()
    {
        var (host, _) = await RunningAsync();
        Assert.Equal("kvm1 is Up: its agent is heard with the guid kvm1; stop it first", (await UpdateAsync(host, guid: "new-guid"))!.Text);

        await Rig.ConnectAsync(Of("kvm2", "machine-2"));
        await LeaveAsync(host);
        Assert.Equal("The guid kvm2 is that of the host kvm2", (await UpdateAsync(host, guid: "kvm2"))!.Text);
        Assert.StartsWith("the guid \"a b\" is not allowed", (await UpdateAsync(host, guid: "a b"))!.Text, StringComparison.Ordinal);
        Assert.Equal("The machine machine-2 is that of the host kvm2", await MachineAsync(host, "machine-2"));
        Assert.Equal("kvm1", _life.Look(host).Guid);
    }

    [Fact]
    public async Task NewMachine_IsTaken_WhenTheOldOneWasDeclaredDown()
    {
        var (host, _) = await RunningAsync();
        await LeaveAsync(host);
        Assert.StartsWith("kvm1 is Disconnected; only a host that was declared down gets another machine", (await UpdateAsync(host, machine: "machine-2"))!.Text, StringComparison.Ordinal);

        Assert.Null(await _life.DeclareDownAsync(host));
        await RefusedAsync(Of("kvm1", "machine-2"), "the guid kvm1 is that of the host kvm1, which is another machine");
        Assert.Null(await UpdateAsync(host, machine: "machine-2"));

        Assert.Equal("machine-2", (await Rig.ConnectAsync(Of("kvm1", "machine-2", "28:00.1|10GE"))).Machine);
    }

    [Fact]
    public async Task GuidOfADeletedHost_GoesOnFromItsLastSession()
    {
        await Rig.ConnectAsync(Of("old", "machine-0"));
        await Rig.ConnectAsync(Of("old", "machine-0"));
        Rig.Execute("UPDATE host SET removed = created, machine = NULL");
        var host = await Rig.ConnectAsync(Of("kvm1", "machine-1"));
        await LeaveAsync(host);

        Assert.Null(await UpdateAsync(host, guid: "old"));

        Assert.Equal(3, (await Rig.ConnectAsync(Of("old", "machine-1"))).Session);
    }

    public void Dispose()
    {
        _life.Dispose();
        GC.SuppressFinalize(this);
    }

    private static StartupRoutingCommand Of(string guid, string machine, params string[] pciDevices) =>
        Announcements.Host(guid, pciDevices) with { Machine = machine };

    /// <summary>A host of the machine machine-1, with a virtual machine that has its device.</summary>
    private async Task<(Host Host, long VmId)> RunningAsync()
    {
        var host = await Rig.ConnectAsync(Of("kvm1", "machine-1", "28:00.1|10GE"));
        var vm = await Rig.CreateVmAsync(Rig.Add(Rows.Offering("10GE")));
        await _life.Act.StartAsync(vm);
        await _life.Act.AnswerAsync(vm, Observation.Running);
        return (_life.Look(host), vm.Id);
    }

    private Task LeaveAsync(Host host) => Rig.Agents.ShutdownAsync(
        new ShutdownCommand { HostGuid = host.Guid, Session = _life.Look(host).Session, Sequence = 150 }, CancellationToken.None);

    private async Task RefusedAsync(StartupRoutingCommand startup, string why)
    {
        await Rig.Agents.StartupAsync(startup, CancellationToken.None);
        await Rig.DeliverAsync();
        var answer = Rig.Bus.Last<StartupAnswer>();
        Assert.Equal((startup.Nonce, false, why), (answer.Nonce, answer.Result, answer.Details));
    }

    private async Task<string?> MachineAsync(Host host, string machine)
    {
        Assert.Null(await _life.DeclareDownAsync(host));
        return (await UpdateAsync(host, machine: machine))?.Text;
    }

    private Task<Refusal?> UpdateAsync(Host host, string? guid = null, string? machine = null) => Rig.TryAsync(
        (HostAdministrationManager hosts) => hosts.UpdateAsync(host.Id, null, guid, machine, Caller.Admin, CancellationToken.None));

    private List<string> Alerts() => Rig.Read(database =>
        database.Set<Alert>().Where(alert => alert.Type == AlertType.HostMachine && alert.Resolved == null).Select(alert => alert.Subject).ToList());

    public sealed class OnSqlite() : HostMachineTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : HostMachineTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : HostMachineTests(DatabaseProvider.SqlServer);
}
