namespace PciBus.Management.Workflows;

/// <summary>What can happen to a workflow.</summary>
internal enum WorkflowEventKind
{
    /// <summary>The workflow holds its virtual machine from now on.</summary>
    Begun,

    /// <summary>The plan it asked for found a host.</summary>
    Planned,

    /// <summary>The plan it asked for found none.</summary>
    NothingFits,

    /// <summary>The outstanding command was answered.</summary>
    Answered,

    /// <summary>The outstanding command never reached its host.</summary>
    Undelivered,

    /// <summary>The host it waits for reported.</summary>
    Observed,

    /// <summary>A host runs the workflow's virtual machine and should not.</summary>
    Sighted,

    /// <summary>The host it waits for began a new session.</summary>
    AgentSession,

    /// <summary>The host it waits for was declared down.</summary>
    HostDown,

    /// <summary>An effect was refused, and the whole decision was rolled back.</summary>
    Refused,

    /// <summary>A deadline of the workflow passed.</summary>
    Overdue,

    /// <summary>An urgent workflow waits behind it: a forced stop, a destruction or the cancellation of a migration.</summary>
    Cancel,
}
