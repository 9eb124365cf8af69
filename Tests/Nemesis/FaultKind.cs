namespace PciBus.Tests.Nemesis;

/// <summary>What is done to one process of a cluster.</summary>
internal enum FaultKind
{
    /// <summary>kill -9, and started again.</summary>
    KillManagement,

    /// <summary>SIGSTOP for a time: for the others it is dead, and then it comes back with all it had in hand.</summary>
    SuspendManagement,
    KillAgent,
    SuspendAgent,
    KillBroker,
    SuspendBroker,
}
