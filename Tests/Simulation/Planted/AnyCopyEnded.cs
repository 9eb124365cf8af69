using Microsoft.Extensions.DependencyInjection;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.Settle;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A settle takes every host for one that was declared down and has the virtual machine's place yet.</summary>
internal sealed class AnyCopyEnded : PlantedBug
{
    public override string Rewrite(string sql) => sql.StartsWith("SELECT", StringComparison.Ordinal)
        ? System.Text.RegularExpressions.Regex.Replace(sql, "\"(\\w+)\"\\.\"declared_down\"", "COALESCE(\"$1\".\"declared_down\", \"$1\".\"created\")")
        : sql;

    public override void Configure(IServiceCollection services)
    {
        services.Remove(services.Single(service => service.ImplementationType == typeof(SettleWorkflow)));
        services.AddSingleton<IWorkflowDefinition>(new Believer(new SettleWorkflow()));
    }

    private sealed class Believer(IWorkflowDefinition original) : IWorkflowDefinition
    {
        public WorkflowKind Kind => original.Kind;

        public string FirstStep => original.FirstStep;

        public IReadOnlyList<string> Steps => original.Steps;

        public WorkflowDecision Decide(string step, string document, WorkflowFacts facts, WorkflowEvent @event) =>
            original.Decide(step, document, facts with { AwaitingHostWasDown = true, AwaitingHostHolds = true }, @event);
    }
}
