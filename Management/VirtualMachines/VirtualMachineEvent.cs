namespace PciBus.Management.VirtualMachines;

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
