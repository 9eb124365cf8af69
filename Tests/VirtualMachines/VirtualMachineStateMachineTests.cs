using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.VirtualMachines;

public sealed class VirtualMachineStateMachineTests
{
    /// <summary>CloudStack's table, written out once more: from, events, to.</summary>
    private const string Table = """
        Stopped   | StartRequested | Starting
        Stopped   | StopRequested AgentReportStopped AgentReportShutdowned OperationFailed FollowAgentPowerOffReport | Stopped
        Stopped   | DestroyRequested | Destroyed
        Stopped   | OperationFailedToError | Error
        Stopped   | ExpungeOperation | Expunging
        Stopped   | StorageMigrationRequested | Migrating
        Stopped   | RestoringRequested | Restoring
        Stopped   | FollowAgentPowerOnReport | Running
        Starting  | OperationRetry | Starting
        Starting  | OperationSucceeded AgentReportRunning FollowAgentPowerOnReport | Running
        Starting  | OperationFailed AgentReportStopped AgentReportShutdowned FollowAgentPowerOffReport | Stopped
        Running   | MigrationRequested | Migrating
        Running   | StopRequested | Stopping
        Running   | AgentReportRunning AgentReportMigrated OperationSucceeded FollowAgentPowerOnReport | Running
        Running   | AgentReportStopped AgentReportShutdowned FollowAgentPowerOffReport | Stopped
        Migrating | MigrationRequested | Migrating
        Migrating | OperationSucceeded OperationFailed AgentReportRunning FollowAgentPowerOnReport | Running
        Migrating | AgentReportStopped AgentReportShutdowned FollowAgentPowerOffReport | Stopped
        Stopping  | StopRequested | Stopping
        Stopping  | OperationSucceeded AgentReportStopped AgentReportShutdowned FollowAgentPowerOffReport | Stopped
        Stopping  | OperationFailed AgentReportRunning FollowAgentPowerOnReport | Running
        Destroyed | RecoveryRequested | Stopped
        Destroyed | ExpungeOperation | Expunging
        Destroyed | RestoringRequested | Restoring
        Error     | DestroyRequested ExpungeOperation | Expunging
        Expunging | OperationFailed ExpungeOperation | Expunging
        Restoring | RestoringSuccess RestoringFailed | Stopped
        """;

    [Fact]
    public void LifeCycle_IsCloudStacksTable() => Assert.Equal(
        TransitionTable.Read<VirtualMachineState, VirtualMachineEvent>(Table),
        TransitionTable.Of<VirtualMachineState, VirtualMachineEvent>(VirtualMachineStateMachine.TryNext));

    [Theory]
    [InlineData("Running", "OperationFailed")]
    [InlineData("Destroyed", "DestroyRequested")]
    [InlineData("Migrating", "StopRequested")]
    [InlineData("Starting", "DestroyRequested")]
    public void Pair_HasNoTransition_WhenTheTableDoesNotNameIt(string state, string @event) => Assert.False(
        VirtualMachineStateMachine.TryNext(Enum.Parse<VirtualMachineState>(state), Enum.Parse<VirtualMachineEvent>(@event), out _));
}
