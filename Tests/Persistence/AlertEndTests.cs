using System.Reflection;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StartVirtualMachine;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Every alert ends: as its type says, with what it is about, or when an operator puts it aside.</summary>
public sealed class AlertEndTests : IDisposable
{
    private readonly HostLife _life = new(DatabaseProvider.Sqlite);

    private ManagementRig Rig => _life.Rig;

    [Fact]
    public void EveryType_SaysHowItEnds_AndATestShowsIt()
    {
        var shown = typeof(AlertEndTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttributes<ShowsEndOfAttribute>()).Select(attribute => attribute.Type).ToHashSet();
        foreach (var type in Enum.GetValues<AlertType>())
        {
            var end = typeof(AlertType).GetField($"{type}")!.GetCustomAttribute<AlertEndAttribute>();
            Assert.True(end is not null, $"{type} does not say how it ends");
            Assert.True(end.ByOperator || shown.Contains(type), $"no test shows how {type} ends");
        }
    }

    [Fact]
    public void Page_NamesEveryType_AndItsEnd()
    {
        var page = File.ReadAllText(Checkout.PathOf("docs", "alerts.md"));
        foreach (var type in Enum.GetValues<AlertType>())
        {
            var when = typeof(AlertType).GetField($"{type}")!.GetCustomAttribute<AlertEndAttribute>()!.When;
            Assert.True(page.Contains($"| {type} | {when} |", StringComparison.Ordinal), $"docs/alerts.md lacks: | {type} | {when} |");
        }
    }

    [Fact]
    [ShowsEndOf(AlertType.RestartFailed)]
    public async Task RestartThatFailed_IsOver_WhenItRuns()
    {
        var (second, vm) = await RestartFailedAsync();
        await _life.Act.StartAsync(vm, second.Id);
        Assert.Single(Standing(AlertType.RestartFailed));

        await _life.Act.AnswerAsync(vm, Observation.Running);

        Assert.Empty(Standing(AlertType.RestartFailed));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RestartThatFailed_IsOver_WhenItsUserWantsItOff(bool destroyed)
    {
        var (_, vm) = await RestartFailedAsync();

        await (destroyed ? _life.Act.DestroyAsync(vm) : _life.Act.StopAsync(vm));

        Assert.Empty(Standing(AlertType.RestartFailed));
    }

    [Fact]
    public async Task VirtualMachinesOfOneName_HaveAnAlertEach()
    {
        var (_, first) = await RestartFailedAsync();
        var second = await Rig.CreateVmAsync(Rig.Add(Rows.Offering("GPU")), first.Name);
        Rig.Execute($"UPDATE vm_instance SET restart_at = created WHERE id = {second.Id}");

        await _life.Rig.RunJobAsync<RestartsJob>();

        Assert.Equal([first.Id, second.Id], Standing(AlertType.RestartFailed).Select(alert => alert.VmId!.Value).Order());
        await _life.Act.StopAsync(first);
        Assert.Equal(second.Id, Assert.Single(Standing(AlertType.RestartFailed)).VmId);
    }

    [Fact]
    [ShowsEndOf(AlertType.WaitingForHost)]
    public async Task WaitForAHost_IsOver_WhenItSpeaks()
    {
        var (host, vm) = await WaitingAsync();

        host = await Rig.ConnectAsync(Announcements.Host(host.Guid, "28:00.1|10GE"));
        Assert.Empty(Standing(AlertType.WaitingForHost));
        await WaitAsync();
        Assert.Single(Standing(AlertType.WaitingForHost));
        await _life.Act.AnswerAsync(vm, Observation.Off);

        Assert.Empty(Standing(AlertType.WaitingForHost));
        Assert.Equal(VirtualMachineState.Stopped, _life.Act.Look(vm).State);
    }

    [Fact]
    public async Task WaitForAHost_IsOver_WhenItIsDeclaredDown()
    {
        var (host, vm) = await WaitingAsync();

        await _life.LoseAsync(host);
        await _life.Rig.RunJobAsync<DownHostsJob>();

        Assert.Empty(Standing(AlertType.WaitingForHost));
        Assert.Equal(VirtualMachineState.Stopped, _life.Act.Look(vm).State);
    }

    [Fact]
    [ShowsEndOf(AlertType.VirtualMachineUnsettled)]
    public async Task UnsettledVm_IsSettled_WhenTheOtherHostSaysOff()
    {
        var (first, vm) = await UnsettledAsync();

        await _life.PingAsync(first, 200);
        await _life.Act.AnswerAsync(vm, Observation.Off, sequence: 300);

        Assert.Empty(Standing(AlertType.VirtualMachineUnsettled));
    }

    [Fact]
    public async Task UnsettledVm_IsSettled_WhenTheOtherHostIsDown_OrDeleted()
    {
        var (host, _) = await UnsettledAsync();

        await _life.LoseAsync(host);

        Assert.Empty(Standing(AlertType.VirtualMachineUnsettled));
        Assert.Single(Standing(AlertType.HostAway));
        Assert.Null(await Rig.TryAsync((HostAdministrationManager hosts) => hosts.DeleteAsync(host.Id, true, Caller.Admin, CancellationToken.None)));
        Assert.DoesNotContain(Standing(), alert => alert.HostId == host.Id);
    }

    [Fact]
    public async Task ExpungedVm_TakesItsAlertsWithIt()
    {
        var (host, vm) = await UnsettledAsync();
        await RaiseAsync(AlertType.VirtualMachineUnsettled, "it may run elsewhere", host.Id, vm.Id);

        await _life.Act.DestroyAsync(vm, expunge: true);
        await _life.Act.AnswerAsync(vm, Observation.Off, sequence: 300);

        Assert.Equal(VirtualMachineState.Expunging, _life.Act.Look(vm).State);
        Assert.DoesNotContain(Standing(), alert => alert.VmId == vm.Id);
    }

    /// <summary>A host that is Connecting has no way to Removed in CloudStack's table.</summary>
    [Theory]
    [InlineData("Up")]
    [InlineData("Connecting")]
    [InlineData("Alert")]
    public async Task DeletedHost_TakesItsAlertsWithIt(string status)
    {
        var host = await Rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        Rig.Execute($"UPDATE host SET status = '{status}', resource_state = 'Disabled'");
        foreach (var type in Enum.GetValues<AlertType>()) await RaiseAsync(type, $"{type} of kvm1", host.Id, null);

        Assert.Null(await Rig.TryAsync((HostAdministrationManager hosts) => hosts.DeleteAsync(host.Id, false, Caller.Admin, CancellationToken.None)));

        Assert.Empty(Standing());
    }

    [Fact]
    [ShowsEndOf(AlertType.PciDeviceMissing)]
    [ShowsEndOf(AlertType.PciDeviceUnusable)]
    [ShowsEndOf(AlertType.PciDeviceQuarantined)]
    [ShowsEndOf(AlertType.UnknownDomain)]
    public async Task ReportThatShowsThatAllIsWell_EndsWhatReportsHaveRaised()
    {
        var host = await Rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE", "28:00.2|10GE"));
        var vm = await _life.Act.RunAsync();
        var report = Announcements.Report("28:00.1|10GE", "28:00.2|10GE");
        await ReportAsync(report with
        {
            PciDevices = [report.PciDevices![0] with { Present = false }, report.PciDevices[1] with { ProductId = "1533" }],
            VirtualMachines = [Announcements.Domain(vm.Uuid, "28:00.1"), Announcements.Domain(Guid.NewGuid())],
        });
        Assert.Equal(
            [AlertType.PciDeviceMissing, AlertType.PciDeviceQuarantined, AlertType.UnknownDomain],
            Standing().Select(alert => alert.Type).Order());

        await ReportAsync(report with
        {
            PciDevices = [report.PciDevices[0] with { Unusable = "it does not answer" }, report.PciDevices[1] with { ProductId = "1533" }],
            VirtualMachines = [Announcements.Domain(vm.Uuid, "28:00.1")],
        });
        Assert.Equal([AlertType.PciDeviceQuarantined, AlertType.PciDeviceUnusable], Standing().Select(alert => alert.Type).Order());

        Rig.Execute("UPDATE op_host_pci_devices SET health = 'Good', health_reason = NULL");
        await ReportAsync(report with
        {
            PciDevices = [report.PciDevices[0], report.PciDevices[1] with { ProductId = "1533" }],
            VirtualMachines = [Announcements.Domain(vm.Uuid, "28:00.1")],
        });

        Assert.Empty(Standing());

        Task ReportAsync(PciBus.Contracts.Startup.HostReport seen) =>
            Rig.Agents.PingAsync(Announcements.Ping("kvm1", seen, host.Session, ++_life.Act.Sequence), CancellationToken.None);
    }

    [Fact]
    public async Task HostThatHasNotJoined_IsNotRefusedAnyMore_WhenAnybodyIsLetIn()
    {
        await RaiseAsync(AlertType.HostRefused, HostAnnouncementManager.HasNotJoined("kvm1"), null, null);

        await Rig.ConnectAsync(Announcements.Host("kvm1"));

        Assert.Empty(Standing());
    }

    public void Dispose() => _life.Dispose();

    private Task RaiseAsync(AlertType type, string subject, long? hostId, long? vmId) => Rig.RunAsync(
        (AlertManager alerts) => alerts.RaiseAsync(type, subject, "its body", hostId, vmId, CancellationToken.None));

    private List<Alert> Standing() => Rig.Read(database => database.Set<Alert>().Where(alert => alert.Resolved == null).OrderBy(alert => alert.Id).ToList());

    private List<Alert> Standing(AlertType type) => Standing().FindAll(alert => alert.Type == type);

    /// <summary>A highly available virtual machine has lost its host, and found no other.</summary>
    private async Task<(Host Second, VirtualMachine Vm)> RestartFailedAsync()
    {
        var (_, second, vm) = await _life.LostAsync(highlyAvailable: true);
        Rig.Execute($"UPDATE op_host_capacity SET capacity_state = 'Disabled' WHERE host_id = {second.Id}");
        await _life.Rig.RunJobAsync<RestartsJob>();
        Rig.Execute($"UPDATE op_host_capacity SET capacity_state = 'Enabled' WHERE host_id = {second.Id}");
        Assert.Single(Standing(AlertType.RestartFailed));
        return (second, vm);
    }

    /// <summary>A stop waits for a host that does not answer, and its job has ended.</summary>
    private async Task<(Host Host, VirtualMachine Vm)> WaitingAsync()
    {
        var host = await Rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var vm = await _life.Act.RunAsync();
        await _life.Act.StopAsync(vm, forced: true);
        await WaitAsync();
        Assert.Equal((host.Id, vm.Id), (Assert.Single(Standing(AlertType.WaitingForHost)).HostId, Standing(AlertType.WaitingForHost)[0].VmId));
        return (host, vm);
    }

    private async Task WaitAsync()
    {
        for (var minute = 0; minute < 15; minute++)
        {
            Rig.Time.Advance(TimeSpan.FromMinutes(1));
            await _life.Rig.RunJobAsync<OverdueWorkflowsJob>();
        }
    }

    /// <summary>A host that was declared down is back with the virtual machine, which runs elsewhere, and nobody says which is the copy.</summary>
    private async Task<(Host First, VirtualMachine Vm)> UnsettledAsync()
    {
        var (_, _, vm) = await _life.LostAsync(highlyAvailable: true);
        await _life.Rig.RunJobAsync<RestartsJob>();
        await _life.Act.AnswerAsync(vm, Observation.Running);
        var first = await _life.ComesBackWithAsync(vm);
        await _life.Act.AnswerAsync(vm, Observation.Running, result: false);
        await _life.Act.AnswerAsync(vm, Observation.Unknown);
        Assert.Equal((first.Id, vm.Id), (Assert.Single(Standing(AlertType.VirtualMachineUnsettled)).HostId, Standing(AlertType.VirtualMachineUnsettled)[0].VmId));
        return (first, vm);
    }
}
