using Microsoft.Extensions.DependencyInjection;
using PciBus.Management.Workflows;

namespace PciBus.Tests.Simulation.Planted;

/// <summary>A bug in what a workflow decides.</summary>
internal abstract class WorkflowBug(Func<IWorkflowDefinition> original) : PlantedBug
{
    public override void Configure(IServiceCollection services)
    {
        var definition = original();
        var sound = services.Single(service => service.ImplementationType == definition.GetType());
        services.Remove(sound);
        services.AddSingleton<IWorkflowDefinition>(new ChangedDefinition(definition, Change));
    }

    /// <summary>What the workflow takes an event for.</summary>
    protected abstract WorkflowEvent Change(string step, WorkflowFacts facts, WorkflowEvent @event);
}
