namespace PciBus.Management.Workflows;

/// <summary>One kind of workflow, as the runner sees it.</summary>
internal interface IWorkflowDefinition
{
    WorkflowKind Kind { get; }

    /// <summary>The step every workflow of the kind begins in.</summary>
    string FirstStep { get; }

    /// <summary>All steps, for the matrix of the tests.</summary>
    IReadOnlyList<string> Steps { get; }

    /// <summary>Pure: the same arguments always give the same decision.</summary>
    /// <exception cref="UnhandledWorkflowEventException">The pair of step and event is neither handled nor ignored.</exception>
    WorkflowDecision Decide(string step, string document, WorkflowFacts facts, WorkflowEvent @event);
}
