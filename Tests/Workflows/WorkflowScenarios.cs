using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Accounts;
using PciBus.Management.Hosts;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Reconciliation;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Workflows;

/// <summary>Each step of a workflow meets each mishap, over a real database; what must be so afterwards is always the same.</summary>
public abstract class WorkflowScenarios : IDisposable
{
    private protected MigrationScene Scene { get; } = new();

    private protected abstract WorkflowKind Kind { get; }

    /// <summary>Every step with every mishap.</summary>
    /// <param name="atOnce">Steps that end in the transaction in which they begin: nothing can come between.</param>
    private protected static IEnumerable<TheoryDataRow<string, Mishap>> Scenarios<TStep>(IEnumerable<TStep> atOnce, params Mishap[] not) where TStep : struct, Enum =>
    [
        .. from step in Enum.GetValues<TStep>().Except(atOnce)
           from mishap in Enum.GetValues<Mishap>().Except(not)
           select new TheoryDataRow<string, Mishap>($"{step}", mishap),
    ];

    public void Dispose()
    {
        Scene.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The mishap happens in that step; then all that are away come back, and everything settles.</summary>
    private protected async Task MeetAsync(string step, Mishap mishap, VirtualMachine vm)
    {
        if (mishap == Mishap.ManagementDies) await DieAsync(step);
        else
        {
            Assert.True(await ReachAsync(step), $"{step} was never reached");
            await HappenAsync(mishap, vm);
        }

        Assert.True(await Scene.SettleAsync(), $"it has not settled: {StepNow()}");
        foreach (var host in Scene.Hosts.Where(host => host.Silent))
        {
            host.Silent = false;
            await host.AnnounceAsync(CancellationToken.None);
        }

        Assert.True(await Scene.SettleAsync(), $"it has not settled after the host came back: {StepNow()}");
    }

    /// <summary>It runs on one host at most, and has what it owns there; nobody owns anything elsewhere, and the job has ended.</summary>
    /// <param name="owns">How many devices it may own.</param>
    private protected void Check(VirtualMachine vm, AsyncJob job, params int[] owns)
    {
        Assert.NotEqual(JobStatus.InProgress, job.JobStatus);
        var now = Scene.Act.Look(vm);
        Assert.True(now.State is VirtualMachineState.Running or VirtualMachineState.Stopped, $"it is {now.State}");
        foreach (var host in Scene.Hosts)
        {
            var isThere = now.HostId == Scene.Host(host).Id;
            Assert.Equal(isThere ? 1 : 0, host.Domains.Count(domain => domain.Status == DomainStatus.Running));
            Assert.Equal(isThere ? 1 : 0, host.Domains.Count);
            Assert.Equal(isThere ? 1 : 0, Scene.TakersOf(host));
            if (isThere) Assert.Contains(Scene.ClaimedOn(host).Count, owns);
            else Assert.Empty(Scene.ClaimedOn(host));
            if (isThere) Assert.Equal(Scene.ClaimedOn(host), host.Domains.Single().PciDevices.Order());
        }
    }

    private protected void CheckHealth() =>
        Assert.All(Scene.Rig.Read(database => database.Set<PciDevice>().ToList()), device => Assert.Equal(PciDeviceHealth.Good, device.Health));

    private async Task<bool> ReachAsync(string step)
    {
        for (var more = 0; more < 10; more++)
        {
            if (await Scene.RunAsync(message => message is VirtualMachineCommand && StepNow() == step)) return true;
            await PassAsync(TimeSpan.FromSeconds(10));
        }

        return false;
    }

    private Task<string?> PassAsync(TimeSpan time)
    {
        Scene.Rig.Time.Advance(time);
        return Scene.Rig.RunJobAsync<OverdueWorkflowsJob>();
    }

    private async Task HappenAsync(Mishap mishap, VirtualMachine vm)
    {
        var command = (VirtualMachineCommand)Scene.Next.Message;
        var host = Scene.Hosts.Single(one => one.Queue == Scene.Next.Destination);
        var other = Scene.Hosts.Single(one => one != host);
        var before = host.OnTheWay;
        var held = new List<VirtualMachineAnswer>();
        switch (mishap)
        {
            case Mishap.Fails:
                host.Refuses = one => one.CommandId == command.CommandId ? "no" : null;
                break;
            case Mishap.AnsweredTwice:
                host.OnTheWay = answer => answer.CommandId == command.CommandId ? [.. before(answer), .. before(answer)] : before(answer);
                break;
            case Mishap.AnsweredLate:
                host.OnTheWay = answer => Keep(answer);
                await Scene.RunAsync();
                await PassAsync(TimeSpan.FromHours(2));
                foreach (var answer in held) await Scene.Rig.Agents.AnswerAsync(answer, CancellationToken.None);
                break;
            case Mishap.NeverAnswered:
                host.OnTheWay = answer => Keep(answer);
                break;
            case Mishap.Undelivered:
                await Scene.Rig.Agents.UndeliveredAsync(host.Queue, Scene.Drop(), CancellationToken.None);
                break;
            case Mishap.AgentDiesBeforeActing:
                Scene.Drop();
                await host.AnnounceAsync(CancellationToken.None);
                break;
            case Mishap.AgentDiesAfterActing:
                host.OnTheWay = answer => Keep(answer);
                await Scene.RunAsync();
                await host.AnnounceAsync(CancellationToken.None);
                break;
            case Mishap.HostDown:
                await LoseAsync(host, vm);
                break;
            case Mishap.OtherHostDown:
                host.Refuses = one => one is MigrateCommand ? "unable to connect to server" : null;
                await LoseAsync(other, vm);
                break;
            case Mishap.Cancelled:
                await Scene.CancelAsync(vm);
                break;
            case Mishap.ForceStopped:
                await Scene.ForceStopAsync(vm);
                break;
            default:
                break;
        }

        IEnumerable<VirtualMachineAnswer> Keep(VirtualMachineAnswer answer)
        {
            if (answer.CommandId != command.CommandId || held.Count > 0) return before(answer);
            held.AddRange(before(answer));
            return [];
        }
    }

    /// <summary>The server that has decided the step does not live to send its command.</summary>
    private async Task DieAsync(string step)
    {
        var met = false;
        Scene.Rig.Bus.Fails = message => !met && message is VirtualMachineCommand && StepNow() == step;
        await Scene.RunAsync();
        for (var more = 0; StepNow() != step && more < 10; more++)
        {
            await PassAsync(TimeSpan.FromSeconds(10));
            await Scene.RunAsync();
        }

        Assert.Equal(step, StepNow());
        met = true;
        using var other = Scene.Rig.AnotherServer();
        Scene.Rig.Time.Advance(TimeSpan.FromSeconds(30));
        await other.RunJobAsync<OutboxTakeOverJob>();
    }

    /// <summary>It loses power: nothing runs there any more, and nobody hears it.</summary>
    private async Task LoseAsync(ScriptedHost host, VirtualMachine vm)
    {
        host.Silent = true;
        host.PowerOff(vm.Uuid);
        await Scene.Rig.Agents.ShutdownAsync(
            new ShutdownCommand { HostGuid = host.HostGuid, Session = host.Session, Sequence = 1_000 }, CancellationToken.None);
        var hostId = Scene.Host(host).Id;
        Assert.Null(await Scene.Rig.TryAsync(
            (HostAdministrationManager hosts) => hosts.DeclareDownAsync(hostId, false, Caller.Admin, CancellationToken.None)));
    }

    private protected string? StepNow() => Scene.Rig.Read(database => database.Set<Workflow>()
        .Where(row => row.Kind == Kind).Select(row => row.Step).SingleOrDefault());
}
