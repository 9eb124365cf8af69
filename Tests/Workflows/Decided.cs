using Newtonsoft.Json;
using PciBus.Management;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;

namespace PciBus.Tests.Workflows;

/// <summary>A decision, with what tests ask of it.</summary>
internal sealed record Decided(WorkflowDecision Decision)
{
    public string? Next => Decision.Next;

    public IReadOnlyList<WorkflowEffect> Effects => Decision.Effects;

    public Transit Transit => Effects.OfType<Transit>().Single();

    public Send Send => Effects.OfType<Send>().Single();

    public Refusal? JobFailure => Effects.OfType<EndJob>().Single().Failure;

    public bool EndsTheJob => Effects.OfType<EndJob>().Any();

    /// <summary>Everything that gives anything back, with evidence or without.</summary>
    public IEnumerable<OffEvidence> Evidence =>
        Effects.OfType<Transit>().SelectMany(transit => transit.Evidence).Concat(Effects.OfType<Release>().Select(release => release.Evidence));

    public T Document<T>() => JsonConvert.DeserializeObject<T>(Decision.Document)!;

    public static Decided By<TStep>(IWorkflowDefinition workflow, TStep step, object document, WorkflowFacts facts, WorkflowEvent @event)
        where TStep : struct, Enum =>
        new(workflow.Decide(step.ToString(), JsonConvert.SerializeObject(document), facts, @event));
}
