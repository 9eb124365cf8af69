using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Reconciliation;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Workflows;

/// <summary>Servers of the version before keep what a workflow waits for in its own row: either version carries on what the other has begun.</summary>
public sealed class VersionBeforeTests : IDisposable
{
    private readonly ManagementRig _rig = new();
    private readonly Operator _act;

    public VersionBeforeTests() => _act = new Operator(_rig);

    [Fact]
    public async Task Row_SaysWhatItsCommandSays()
    {
        await StoppingAsync();

        var (row, command) = (Workflow(), Command());
        Assert.Equal(
            (command.HostId, command.CommandId, command.Command, command.Deadline),
            (row.AwaitingHostId, row.AwaitingCommandId, row.AwaitingCommand, row.Deadline));
    }

    [Theory]
    [InlineData("DELETE FROM workflow_command")]
    [InlineData("UPDATE workflow_command SET command_id = '01020304-0506-0708-090A-0B0C0D0E0F10', deadline = NULL")]
    public async Task WhatTheVersionBeforeHasWritten_IsCarriedOn_WhenItIsOverdue(string older)
    {
        var vm = await StoppingAsync();
        _rig.Execute(older);

        _rig.Time.SetUtcNow(Workflow().Deadline!.Value);
        await _rig.Get<ReconciliationManager>().FeedOverdueAsync(CancellationToken.None);

        Assert.Equal(Command().CommandId, Workflow().AwaitingCommandId);
        await _act.AnswerAsync(vm, Observation.Off);
        Assert.Equal(VirtualMachineState.Stopped, _act.Look(vm).State);
    }

    [Fact]
    public async Task WhatTheVersionBeforeHasParked_IsWoken()
    {
        var vm = await StoppingAsync();
        _rig.Execute("DELETE FROM workflow_command");
        _rig.Execute("UPDATE workflow SET deadline = NULL");

        await _rig.Get<ReconciliationManager>().WakeParkedAsync(CancellationToken.None);

        Assert.NotNull(Command().Deadline);
        await _act.AnswerAsync(vm, Observation.Off);
        Assert.Equal(VirtualMachineState.Stopped, _act.Look(vm).State);
    }

    [Fact]
    public async Task WorkflowThatTheVersionBeforeEnds_TakesItsCommandsWithIt()
    {
        await StoppingAsync();

        _rig.Execute("UPDATE vm_instance SET workflow_id = NULL");
        _rig.Execute("DELETE FROM workflow");

        Assert.Empty(_rig.Read(database => database.Set<WorkflowCommand>().ToList()));
    }

    public void Dispose() => _rig.Dispose();

    private async Task<VirtualMachine> StoppingAsync()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var vm = await _act.RunAsync();
        await _act.StopAsync(vm);
        return vm;
    }

    private Workflow Workflow() => _rig.Read(database => database.Set<Workflow>().Single());

    private WorkflowCommand Command() => _rig.Read(database => database.Set<WorkflowCommand>().Single());
}
