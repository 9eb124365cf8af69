using PciBus.Management.Persistence;

namespace PciBus.Management.Workflows;

/// <summary>All kinds of workflows.</summary>
internal sealed class WorkflowDefinitions(IEnumerable<IWorkflowDefinition> definitions, WorkflowOptions options)
{
    private readonly Dictionary<WorkflowKind, IWorkflowDefinition> _byKind = definitions.ToDictionary(one => one.Kind);

    public WorkflowOptions Options { get; } = options;

    /// <exception cref="InvalidOperationException">Only a server of a newer version knows it, and takes it further.</exception>
    public IWorkflowDefinition this[WorkflowKind kind] => _byKind.GetValueOrDefault(kind)
        ?? throw new InvalidOperationException($"This version knows no workflow {StoredNames.Of(kind)}: a server of a newer one takes it further");
}
