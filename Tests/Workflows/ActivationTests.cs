using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Fencing;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Workflows;

/// <summary>What must follow a commit follows at once: in none of these tests a timer runs a job.</summary>
public sealed class ActivationTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;
    private readonly MaintenanceScene _scene = new(DatabaseProvider.Sqlite);

    private HostLife Life => _scene.Life;

    private ManagementRig Rig => _scene.Life.Rig;

    [Fact]
    public async Task RestartElsewhere_FollowsTheDeclarationThatAHostIsDown()
    {
        var (first, _, vm) = await RunsOnFirstAsync();
        var before = Rig.Bus.Sent.Count;
        using var activator = Rig.Get<ReconciliationActivator>();
        await activator.StartAsync(_token);

        await Life.LoseAsync(first);

        await Patience.UntilAsync(
            async () =>
            {
                await Rig.DeliverAsync();
                return Rig.Bus.Sent.Skip(before).Any(sent => sent is ("agent.kvm2", StartCommand));
            },
            Soon,
            () => $"{Life.Act.Look(vm).State}, {string.Join(", ", Rig.Bus.Sent.Skip(before))}",
            _token,
            "the start elsewhere is sent");
        await activator.StopAsync(_token);
        Assert.DoesNotContain(Rig.Bus.Sent.Skip(before), sent => sent.Destination == "agent.kvm1");
    }

    [Fact]
    public async Task FencedHost_IsLeft_AndItsVmRestarted()
    {
        var (first, _, vm) = await RunsOnFirstAsync();
        Rig.Pass(TimeSpan.FromMinutes(5));
        var second = await Rig.ConnectAsync(Announcements.Host("kvm2", "28:00.1|10GE"));
        Rig.Execute($"UPDATE host SET status = 'Alert', fence_at = created WHERE id = {first.Id}");
        Assert.Equal("fencing commands run: 1", await Rig.RunJobAsync<FencingJob>());

        Assert.Equal(["host.down", "ha.restart"], await Rig.RunWokenAsync());

        Assert.Equal((VirtualMachineState.Starting, second.Id), (Life.Act.Look(vm).State, Life.Act.Look(vm).HostId));
    }

    [Fact]
    public async Task StopOfAVm_WhoseHostWasDeclaredDown_EndsAtOnce_AndNothingIsSentThere()
    {
        var (first, _, vm) = await RunsOnFirstAsync();
        await Life.LoseAsync(first);
        var before = Rig.Bus.Sent.Count;

        await Life.Act.StopAsync(vm);
        await Rig.DeliverAsync();

        Assert.Equal((VirtualMachineState.Stopped, null), (Life.Act.Look(vm).State, Life.Act.Look(vm).WorkflowId));
        Assert.Empty(Rig.Bus.Sent.Skip(before));
        Assert.Equal(vm.Id, Life.DeviceOf(first).InstanceId);
    }

    [Fact]
    public async Task EndOfASighting_LetsTheRestartGo()
    {
        var (_, second, vm) = await Life.LostAsync(highlyAvailable: true);
        await SeeAsync(2, Announcements.Domain(vm.Uuid, "28:00.1"));
        await Rig.RunWokenAsync();
        Assert.Equal((VirtualMachineState.Stopped, null), (Life.Act.Look(vm).State, Life.Act.Look(vm).WorkflowId));

        await SeeAsync(3);
        await Life.Act.AnswerAsync(vm, Observation.Off);

        Assert.Equal(["ha.restart"], await Rig.RunWokenAsync());
        Assert.Equal((VirtualMachineState.Starting, second.Id), (Life.Act.Look(vm).State, Life.Act.Look(vm).HostId));

        Task SeeAsync(long sequence, params DomainReport[] domains) => Rig.Agents.PingAsync(
            Announcements.Ping("kvm2", Announcements.Report("28:00.1|10GE") with { VirtualMachines = [.. domains] }, second.Session, sequence)
                with
            { SentAt = Rig.Time.GetUtcNow() },
            _token);
    }

    [Fact]
    public async Task EmptyingOfAHost_BeginsAtOnce_AndGoesOnWhenAVmHasLeft()
    {
        var host = await _scene.HostAsync("kvm1", "28:00.1|10GE", "28:00.2|10GE", "28:00.3|10GE");
        foreach (var name in new[] { "a", "b", "c" }) await _scene.RunAsync(name, "10GE", PciMigration.Forbid);

        Assert.Null(await _scene.PrepareAsync(host, PciStrategy.Stop));
        await Rig.RunWokenAsync();
        var stopping = Vms(VirtualMachineState.Stopping);
        Assert.Equal(2, stopping.Count);

        await Life.Act.AnswerAsync(stopping[0], Observation.Off);
        Assert.Equal(["host.maintenance"], await Rig.RunWokenAsync());
        Assert.Equal(2, Vms(VirtualMachineState.Stopping).Count);
        foreach (var vm in Vms(VirtualMachineState.Stopping)) await Life.Act.AnswerAsync(vm, Observation.Off);
        await Rig.RunWokenAsync();
        Assert.Equal(ResourceState.Maintenance, _scene.Look(host).ResourceState);
    }

    [Fact]
    public async Task OnlyACommit_Wakes_AndManyOfThemOnce()
    {
        await WakeAsync(commits: false);
        Assert.Empty(Rig.Get<ReconciliationActivator>().Take());

        for (var commit = 1; commit <= 3; commit++) await WakeAsync(commits: true);
        Assert.Equal(["claims"], Rig.Get<ReconciliationActivator>().Take().Select(job => job.Name));

        Task<int> WakeAsync(bool commits) => Rig.Get<DatabaseTransactions>().RunAsync(
            (Activation activation) =>
            {
                activation.Wake("claims");
                return Task.FromResult(0);
            },
            _ => commits,
            _token);
    }

    [Fact]
    public async Task NameOfNoJob_IsAnErrorBeforeTheCommit() => await Assert.ThrowsAsync<InvalidOperationException>(() => Rig.RunAsync(
        (Activation activation) =>
        {
            activation.Wake("claim");
            return Task.CompletedTask;
        }));

    [Fact]
    public async Task JobThatIsWokenWhileItRuns_RunsOnceMore_AndTheEndOfTheProcessWaitsForIt()
    {
        var job = new WaitingJob();
        await using var services = new ServiceCollection().AddSingleton(job).BuildServiceProvider();
        var runner = new ReconciliationRunner(
            [WaitingJob.About], services, Rig.Get<DatabaseTransactions>(), Rig.Time, Rig.Get<ILogger<ReconciliationRunner>>());
        using var activator = new ReconciliationActivator(runner);
        await activator.StartAsync(_token);
        var wake = activator.WakerOf(WaitingJob.About.Name);

        wake();
        await RanAsync(1);
        wake();
        wake();
        job.Go.Release();
        await RanAsync(2);

        var end = activator.StopAsync(CancellationToken.None);
        Assert.False(end.IsCompleted);
        job.Go.Release();
        await end;
        Assert.Equal(2, job.Runs);

        Task RanAsync(int runs) => Patience.UntilAsync(() => job.Runs == runs, Soon, () => $"{job.Runs} runs", _token);
    }

    public void Dispose() => Life.Dispose();

    /// <summary>A highly available virtual machine runs on the first of two hosts.</summary>
    private async Task<(Host First, Host Second, VirtualMachine Vm)> RunsOnFirstAsync()
    {
        var first = await Rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var offering = Rows.Offering("10GE");
        offering.HaEnabled = true;
        var vm = await Rig.CreateVmAsync(Rig.Add(offering));
        await Life.Act.StartAsync(vm);
        await Life.Act.AnswerAsync(vm, Observation.Running);
        var second = await Rig.ConnectAsync(Announcements.Host("kvm2", "28:00.1|10GE"));
        await Rig.DeliverAsync();
        return (first, second, vm);
    }

    private List<VirtualMachine> Vms(VirtualMachineState state) =>
        Rig.Read(database => database.Set<VirtualMachine>().Where(vm => vm.State == state).OrderBy(vm => vm.Id).ToList());

    private sealed class WaitingJob : IReconciliationJob
    {
        private int _runs;

        public static ReconciliationJob About { get; } = new(
            typeof(WaitingJob), "waiting", "Waits until it may end", TimeSpan.FromSeconds(1), "how often it waits");

        public SemaphoreSlim Go { get; } = new(0);

        public int Runs => Volatile.Read(ref _runs);

        public async Task<string?> RunAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _runs);
            await Go.WaitAsync(cancellationToken);
            return null;
        }
    }
}
