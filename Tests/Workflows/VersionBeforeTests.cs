using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Workflows;

/// <summary>What servers of the version before read in a workflow's own row is there yet.</summary>
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
