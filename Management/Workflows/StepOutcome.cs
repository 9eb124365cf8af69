namespace PciBus.Management.Workflows;

/// <summary>What came of a step.</summary>
internal sealed record StepOutcome
{
    /// <summary>An effect was refused: nothing of the step may be committed.</summary>
    public Refusal? Refusal { get; init; }

    /// <summary>The event whose decision was refused.</summary>
    public WorkflowEvent? Refused { get; init; }

    /// <summary>The workflow that holds the virtual machine now, and has not begun.</summary>
    public long? HandedOverTo { get; init; }

    /// <summary>The answer was of another session of its host.</summary>
    public bool StaleSession { get; init; }

    public long VmId { get; init; }

    public Guid VmUuid { get; init; }

    public Guid? JobUuid { get; init; }

    public long WorkflowId { get; init; }
}

/// <summary>One attempt at a step.</summary>
/// <param name="Refusals">The refusals of earlier attempts at this step.</param>
/// <param name="After">
/// The refusal that ended the attempts at the event: the workflow is fed this instead of the event. Null for the event itself.
/// </param>
internal sealed record StepContext(IReadOnlyList<Refusal> Refusals, Refused? After, CancellationToken CancellationToken);
