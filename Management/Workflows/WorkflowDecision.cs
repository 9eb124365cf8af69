namespace PciBus.Management.Workflows;

/// <summary>A decision as the runner sees it; <see cref="WorkflowDefinition{TStep,TDocument}"/> has it with types.</summary>
internal sealed record WorkflowDecision(string? Next, string Document, IReadOnlyList<WorkflowEffect> Effects, string? IgnoredBecause);
