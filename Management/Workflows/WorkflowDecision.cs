namespace PciBus.Management.Workflows;

/// <summary>What a workflow does about an event.</summary>
/// <param name="Next">The step after the decision; null when the workflow has ended.</param>
/// <param name="Document">What has been done so far.</param>
/// <param name="Effects">What is to be done now, in this order.</param>
internal sealed record WorkflowDecision<TStep, TDocument>(TStep? Next, TDocument Document, IReadOnlyList<WorkflowEffect> Effects)
    where TStep : struct, Enum
{
    /// <summary>Why nothing is done; null when something is.</summary>
    public string? IgnoredBecause { get; init; }
}

/// <summary>A decision as the runner sees it.</summary>
internal sealed record WorkflowDecision(string? Next, string Document, IReadOnlyList<WorkflowEffect> Effects, string? IgnoredBecause);
