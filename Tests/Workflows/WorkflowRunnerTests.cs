using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Workflows;

/// <summary>The runner carries decisions out: all of a step or nothing, one workflow per virtual machine.</summary>
public sealed class WorkflowRunnerTests : IDisposable
{
    private readonly ManagementRig _rig = new();
    private readonly Operator _act;

    public WorkflowRunnerTests() => _act = new Operator(_rig);

    [Fact]
    public async Task Start_ClaimsAndSends_InOneTransaction()
    {
        var vm = await NewVmAsync();

        await _act.StartAsync(vm);
        await _rig.DeliverAsync();

        var command = _rig.Bus.Last<StartCommand>();
        Assert.Equal((vm.Uuid, 1L, 1L, Announcements.BootId), (command.VmUuid, command.Session, command.Number, command.BootId));
        Assert.Equal("0000:28:00.1", Assert.Single(command.Vm.PciDevices).Address.ToString());
        Assert.Equal(1, command.Vm.PciDevices[0].Claim);
    }

    [Fact]
    public async Task SecondOperation_WaitsItsTurn_AndBeginsWhenTheFirstEnds()
    {
        var vm = await NewVmAsync();
        await _act.StartAsync(vm);

        await _act.StopAsync(vm);
        Assert.True(_rig.Read(database => database.Set<Workflow>().Single(row => row.Kind == WorkflowKind.StopVirtualMachine)).Waiting);

        await _act.AnswerAsync(vm, Observation.Running);
        Assert.Equal(VirtualMachineState.Stopping, _act.Look(vm).State);
        await _act.AnswerAsync(vm, Observation.Off);
        Assert.Equal((VirtualMachineState.Stopped, (long?)null), (_act.Look(vm).State, _act.Look(vm).WorkflowId));
        Assert.All(_rig.Read(database => database.Set<AsyncJob>().ToList()), job => Assert.Equal(JobStatus.Succeeded, job.JobStatus));
    }

    [Fact]
    public async Task OperationBehindASilentHost_IsGivenUp_WhenItsJobMayWaitNoLonger()
    {
        var vm = await NewVmAsync();
        await _act.StartAsync(vm);
        var stop = await _act.StopAsync(vm, forced: true);
        var options = _rig.Get<WorkflowOptions>();
        for (var asked = 0; asked < 10; asked++)
        {
            _rig.Time.Advance(options.CommandTimeout);
            await _rig.RunJobAsync<OverdueWorkflowsJob>();
        }

        var job = _rig.Read(database => database.Set<AsyncJob>().Single(row => row.Uuid == stop.JobUuid));
        Assert.Equal(RefusalCause.OperationTimedOut, job.Failure);
        Assert.Equal("vm is Starting and waits for kvm1: StopVirtualMachine was not begun", job.JobResult);
        Assert.Equal(WorkflowKind.StartVirtualMachine, _rig.Read(database => database.Set<Workflow>().Single().Kind));
        await _act.AnswerAsync(vm, Observation.Off);
        Assert.Equal((VirtualMachineState.Stopped, (long?)null), (_act.Look(vm).State, _act.Look(vm).WorkflowId));
    }

    [Fact]
    public async Task DeadlineThatAnotherServerHasSeenPass_IsNotSeenAgain()
    {
        var vm = await NewVmAsync();
        await _act.StartAsync(vm);
        var workflowId = _act.Look(vm).WorkflowId!.Value;
        _rig.Time.Advance(_rig.Get<WorkflowOptions>().CommandTimeout);
        await _rig.Runner.FeedAsync(workflowId, new Overdue(), CancellationToken.None);
        var asked = _act.Look(vm).CommandNumber;

        await _rig.Runner.FeedAsync(workflowId, new Overdue(), CancellationToken.None);

        Assert.Equal(asked, _act.Look(vm).CommandNumber);
    }

    [Fact]
    public async Task AnswerThatComesTwice_ChangesNothingMore()
    {
        var vm = await NewVmAsync();
        await _act.StartAsync(vm);
        var answer = Answer(vm, Observation.Running);
        await _rig.Agents.AnswerAsync(answer, CancellationToken.None);
        var after = _act.Look(vm);

        await _rig.Agents.AnswerAsync(answer, CancellationToken.None);

        Assert.Equal((after.State, after.UpdateCount), (_act.Look(vm).State, _act.Look(vm).UpdateCount));
    }

    [Fact]
    public async Task AnswerOfAnotherSession_IsDropped_AndTheAgentAskedToAnnounceItself()
    {
        var vm = await NewVmAsync();
        await _act.StartAsync(vm);

        await _rig.Agents.AnswerAsync(Answer(vm, Observation.Off) with { Session = 99 }, CancellationToken.None);

        Assert.Equal(VirtualMachineState.Starting, _act.Look(vm).State);
        Assert.True(_rig.Bus.Last<PingAnswer>().SendStartup);
    }

    [Fact]
    public async Task AnswerToACommandThatNobodyWaitsFor_ChangesNothing()
    {
        var vm = await NewVmAsync();
        await _act.StartAsync(vm);

        await _rig.Agents.AnswerAsync(Answer(vm, Observation.Off) with { CommandId = Guid.NewGuid() }, CancellationToken.None);

        Assert.Equal(VirtualMachineState.Starting, _act.Look(vm).State);
    }

    [Fact]
    public async Task Command_KeepsItsIdAndNumber_WhenItIsSentAgain()
    {
        var vm = await NewVmAsync();
        await _act.StartAsync(vm);
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        await _rig.DeliverAsync();

        var sent = _rig.Bus.Sent.Select(one => one.Message).OfType<StartCommand>().ToList();
        Assert.Equal(2, sent.Count);
        Assert.Equal((sent[0].CommandId, sent[0].Number), (sent[1].CommandId, sent[1].Number));
        Assert.Equal([1, 2], sent.Select(command => command.Session));
    }

    [Fact]
    public async Task NewCommand_HasTheNextNumber()
    {
        var vm = await _act.RunAsync(await PreparedAsync());
        await _act.StopAsync(vm);
        await _rig.DeliverAsync();

        Assert.Equal(2, _rig.Bus.Last<StopCommand>().Number);
    }

    [Fact]
    public async Task HostIsTold_ThatAVmHasNeverRun_UntilItHas()
    {
        var vm = await _act.RunAsync(await PreparedAsync());
        await _rig.DeliverAsync();
        Assert.True(_rig.Bus.Last<StartCommand>().Vm.NeverRan);

        await _act.StopAsync(vm);
        await _act.AnswerAsync(vm, Observation.Off);
        await _act.StartAsync(vm);
        await _rig.DeliverAsync();
        Assert.Equal([true, false], StartsThatSaid());
    }

    /// <param name="isNoted">Its row is of a version that notes whether it was Running.</param>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task VmWhoseFirstStartFailed_HasNeverRun_WhereThatIsNoted(bool isNoted)
    {
        var vm = await NewVmAsync();
        if (!isNoted) _rig.Execute("UPDATE vm_instance SET has_run = NULL");
        await _act.StartAsync(vm);
        await _act.AnswerAsync(vm, Observation.Off);
        await _act.AnswerAsync(vm, Observation.Off);
        Assert.Equal((VirtualMachineState.Stopped, null), (_act.Look(vm).State, _act.Look(vm).WorkflowId));

        await _act.StartAsync(vm);
        await _rig.DeliverAsync();

        Assert.Equal([true, isNoted], StartsThatSaid());
    }

    [Fact]
    public async Task RefusedClaim_TriesEveryHost_AndTellsWhy()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        await _rig.ConnectAsync(Announcements.Host("kvm2", "28:00.1|10GE"));
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));
        _rig.Execute("UPDATE op_host_pci_devices SET health = 'Quarantined'");

        await _act.StartAsync(vm);

        Assert.Equal((RefusalCause.InsufficientCapacity, VirtualMachineState.Stopped), (_act.LastJob().Failure!.Value, _act.Look(vm).State));
        Assert.Contains("kvm2: 10GE: 1 asked, 0 free (1 quarantined)", _act.LastJob().JobResult, StringComparison.Ordinal);
        Assert.Equal(0, _rig.Read(database => database.Set<HostCapacity>().Sum(capacity => capacity.CpuUsed)));
    }

    [Fact]
    public async Task VmThatPoweredItselfOff_IsStopped_AndItsDevicesAreFree()
    {
        var vm = await _act.RunAsync(await PreparedAsync());

        await _rig.Agents.PingAsync(Announcements.Ping("kvm1", Announcements.Report("28:00.1|10GE"), 1, 101), CancellationToken.None);
        Assert.Equal(VirtualMachineState.Running, _act.Look(vm).State);
        await _act.AnswerAsync(vm, Observation.Off);

        Assert.Equal(VirtualMachineState.Stopped, _act.Look(vm).State);
        Assert.Null(_rig.Read(database => database.Set<PciDevice>().Single()).InstanceId);
    }

    [Fact]
    public async Task OffThatCleanedNothing_QuarantinesNothing_AndIsAskedForAgain()
    {
        await PreparedAsync();
        var vm = await _act.RunAsync();
        await _act.StopAsync(vm);

        // The guest ended just after the wait, or a repeat is answered with a fresh look.
        await _rig.Agents.AnswerAsync(Answer(vm, Observation.Off) with { Sequence = 101 }, CancellationToken.None);
        var device = _rig.Read(database => database.Set<PciDevice>().Single());
        Assert.Equal((vm.Id, PciDeviceHealth.Good, VirtualMachineState.Stopping), (device.InstanceId, device.Health, _act.Look(vm).State));

        _rig.Time.Advance(_rig.Get<WorkflowOptions>().CheckInterval);
        await _rig.RunJobAsync<OverdueWorkflowsJob>();
        await _act.AnswerAsync(vm, Observation.Off, sequence: 102);
        device = _rig.Read(database => database.Set<PciDevice>().Single());
        Assert.Equal((null, PciDeviceHealth.Good, VirtualMachineState.Stopped), (device.InstanceId, device.Health, _act.Look(vm).State));
    }

    public void Dispose() => _rig.Dispose();

    private async Task<VirtualMachine> NewVmAsync() => await _rig.CreateVmAsync(_rig.Add(Rows.Offering(await PreparedAsync())));

    /// <summary>Whether each start that was sent said that the virtual machine has never run.</summary>
    private IEnumerable<bool> StartsThatSaid() =>
        _rig.Bus.Sent.Select(one => one.Message).OfType<StartCommand>().Select(start => start.Vm.NeverRan);

    /// <summary>One host with one device; the name of the device.</summary>
    private async Task<string> PreparedAsync()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        return "10GE";
    }

    private StartAnswer Answer(VirtualMachine vm, Observation observed) => new()
    {
        CommandId = _rig.Read(database => database.Set<Workflow>().Single()).AwaitingCommandId!.Value,
        HostGuid = "kvm1",
        Session = 1,
        Sequence = 5,
        VmUuid = vm.Uuid,
        Result = observed == Observation.Running,
        Observed = observed,
    };
}
