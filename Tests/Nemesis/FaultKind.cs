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

    /// <summary>An agent is killed, and stays away until management has noticed; its virtual machines go on.</summary>
    AgentAway,

    /// <summary>A host loses its power, all that runs there ends; an operator declares it down, and later it is back.</summary>
    PowerOffHost,

    /// <summary>A host's user on the broker is deleted, and its connection with it, until management has made it again.</summary>
    RemoveUser,
}
