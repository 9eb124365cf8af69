using static PciBus.Management.VirtualMachines.VirtualMachineEvent;
using static PciBus.Management.VirtualMachines.VirtualMachineState;

namespace PciBus.Management.VirtualMachines;

/// <summary>The life cycle of a virtual machine: CloudStack's table of (state, event) -> state, as data.</summary>
internal static class VirtualMachineStateMachine
{
    private static readonly Dictionary<(VirtualMachineState, VirtualMachineEvent), VirtualMachineState> Transitions = new()
    {
        [(Stopped, StartRequested)] = Starting,
        [(Stopped, StopRequested)] = Stopped,
        [(Stopped, AgentReportStopped)] = Stopped,
        [(Stopped, AgentReportShutdowned)] = Stopped,
        [(Stopped, OperationFailed)] = Stopped,
        [(Stopped, FollowAgentPowerOffReport)] = Stopped,
        [(Stopped, DestroyRequested)] = Destroyed,
        [(Stopped, OperationFailedToError)] = Error,
        [(Stopped, ExpungeOperation)] = Expunging,
        [(Stopped, StorageMigrationRequested)] = Migrating,
        [(Stopped, RestoringRequested)] = Restoring,
        [(Stopped, FollowAgentPowerOnReport)] = Running,
        [(Starting, OperationRetry)] = Starting,
        [(Starting, OperationSucceeded)] = Running,
        [(Starting, AgentReportRunning)] = Running,
        [(Starting, FollowAgentPowerOnReport)] = Running,
        [(Starting, OperationFailed)] = Stopped,
        [(Starting, AgentReportStopped)] = Stopped,
        [(Starting, AgentReportShutdowned)] = Stopped,
        [(Starting, FollowAgentPowerOffReport)] = Stopped,
        [(Running, MigrationRequested)] = Migrating,
        [(Running, StopRequested)] = Stopping,
        [(Running, AgentReportRunning)] = Running,
        [(Running, AgentReportMigrated)] = Running,
        [(Running, OperationSucceeded)] = Running,
        [(Running, FollowAgentPowerOnReport)] = Running,
        [(Running, AgentReportStopped)] = Stopped,
        [(Running, AgentReportShutdowned)] = Stopped,
        [(Running, FollowAgentPowerOffReport)] = Stopped,
        [(Migrating, MigrationRequested)] = Migrating,
        [(Migrating, OperationSucceeded)] = Running,
        [(Migrating, OperationFailed)] = Running,
        [(Migrating, AgentReportRunning)] = Running,
        [(Migrating, FollowAgentPowerOnReport)] = Running,
        [(Migrating, AgentReportStopped)] = Stopped,
        [(Migrating, AgentReportShutdowned)] = Stopped,
        [(Migrating, FollowAgentPowerOffReport)] = Stopped,
        [(Stopping, StopRequested)] = Stopping,
        [(Stopping, OperationSucceeded)] = Stopped,
        [(Stopping, AgentReportStopped)] = Stopped,
        [(Stopping, AgentReportShutdowned)] = Stopped,
        [(Stopping, FollowAgentPowerOffReport)] = Stopped,
        [(Stopping, OperationFailed)] = Running,
        [(Stopping, AgentReportRunning)] = Running,
        [(Stopping, FollowAgentPowerOnReport)] = Running,
        [(Destroyed, RecoveryRequested)] = Stopped,
        [(Destroyed, ExpungeOperation)] = Expunging,
        [(Destroyed, RestoringRequested)] = Restoring,
        [(Error, DestroyRequested)] = Expunging,
        [(Error, ExpungeOperation)] = Expunging,
        [(Expunging, OperationFailed)] = Expunging,
        [(Expunging, ExpungeOperation)] = Expunging,
        [(Restoring, RestoringSuccess)] = Stopped,
        [(Restoring, RestoringFailed)] = Stopped,
    };

    public static bool TryNext(VirtualMachineState state, VirtualMachineEvent @event, out VirtualMachineState next) =>
        Transitions.TryGetValue((state, @event), out next);
}

/// <summary>CloudStack's states of a virtual machine.</summary>
internal enum VirtualMachineState
{
    Starting,
    Running,
    Stopping,
    Stopped,
    Destroyed,
    Expunging,
    Migrating,
    Error,
    Restoring,
}

/// <summary>CloudStack's events in the life of a virtual machine; those that tell of reports fire only from a workflow.</summary>
internal enum VirtualMachineEvent
{
    StartRequested,
    StopRequested,
    DestroyRequested,
    RecoveryRequested,
    AgentReportStopped,
    AgentReportRunning,
    MigrationRequested,
    StorageMigrationRequested,
    ExpungeOperation,
    OperationSucceeded,
    OperationFailed,
    OperationFailedToError,
    OperationRetry,
    AgentReportShutdowned,
    AgentReportMigrated,
    RestoringRequested,
    RestoringFailed,
    RestoringSuccess,
    FollowAgentPowerOnReport,
    FollowAgentPowerOffReport,
}
