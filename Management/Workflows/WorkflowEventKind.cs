namespace PciBus.Management.Workflows;

/// <summary>What can happen to a workflow.</summary>
internal enum WorkflowEventKind
{
    /// <summary>It holds its virtual machine from now on.</summary>
    Begun,

    /// <summary>The plan it asked for found a host, a device, or other devices.</summary>
    Planned,

    /// <summary>The plan it asked for found none.</summary>
    NothingFits,

    /// <summary>The outstanding command was answered.</summary>
    Answered,

    /// <summary>The outstanding command never reached its host.</summary>
    Undelivered,

    /// <summary>The host it waits for reported.</summary>
    Observed,

    /// <summary>The host it waits for began a new session.</summary>
    AgentSession,

    /// <summary>The host it waits for was declared down.</summary>
    HostDown,

    /// <summary>An effect was refused, and all of its decision rolled back.</summary>
    Refused,

    /// <summary>Its deadline passed.</summary>
    Overdue,

    /// <summary>A forced stop, a destruction or a cancellation waits behind it.</summary>
    Cancel,
}
