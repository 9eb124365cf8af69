namespace PciBus.Management.Workflows;

/// <summary>A bug: a workflow met an event that its table neither handles nor ignores.</summary>
internal sealed class UnhandledWorkflowEventException(WorkflowKind kind, string step, WorkflowEventKind @event)
    : InvalidOperationException($"{kind} in step {step} has no answer to {@event}");
