namespace PciBus.Management.Workflows;

/// <summary>A multi-step operation on one virtual machine that survives crashes, as a row. It is deleted when it ends.</summary>
internal sealed class Workflow
{
    public long Id { get; set; }
    public WorkflowKind Kind { get; set; }
    public long VmId { get; set; }

    /// <summary>The job that tells the caller of its outcome; null when nobody asked.</summary>
    public long? JobId { get; set; }

    /// <summary>It stands behind the virtual machine's other workflows and has not begun.</summary>
    public bool Waiting { get; set; }

    /// <summary>Name of a member of the kind's step enum.</summary>
    public required string Step { get; set; }

    /// <summary>What was done so far, as JSON: only that is undone.</summary>
    public required string Document { get; set; }

    /// <summary>When it is fed Overdue; null = parked on <see cref="AwaitingHostId"/>.</summary>
    public DateTimeOffset? Deadline { get; set; }
    public long? AwaitingHostId { get; set; }
    public Guid? AwaitingCommandId { get; set; }

    /// <summary>The command that is outstanding, as it will be sent again for a new session.</summary>
    public string? AwaitingCommand { get; set; }

    /// <summary>How far the agent is with that command, by its last ping, as JSON; a hint for whoever waits.</summary>
    public string? Progress { get; set; }
    public long Version { get; set; }
    public DateTimeOffset Created { get; set; }
}
