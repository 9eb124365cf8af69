namespace PciBus.Management.Workflows;

/// <summary>All kinds of workflows.</summary>
internal sealed class WorkflowDefinitions(IEnumerable<IWorkflowDefinition> definitions, WorkflowOptions options)
{
    private readonly Dictionary<WorkflowKind, IWorkflowDefinition> _byKind = definitions.ToDictionary(one => one.Kind);

    public WorkflowOptions Options { get; } = options;

    public IWorkflowDefinition this[WorkflowKind kind] => _byKind[kind];
}
