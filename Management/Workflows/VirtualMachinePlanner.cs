using PciBus.Management.Deployment;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows;

/// <summary>Turns a virtual machine's offering into a plan, and the plan's outcome into an event.</summary>
internal sealed class VirtualMachinePlanner(
    PciBusDbContext database, DeploymentPlanningManager planning, PlacementExplanation explanation)
{
    public async Task<WorkflowEvent> PlanAsync(VirtualMachine vm, Plan plan, StepContext context)
    {
        var offering = await database.RowAsync<ServiceOffering>(vm.ServiceOfferingId, context.CancellationToken);
        var deployment = DeploymentPlan.Of(vm, offering, plan.HostId);
        var avoid = context.Refusals
            .Where(refusal => refusal is { Cause: RefusalCause.InsufficientCapacity, HostId: not null })
            .Aggregate(plan.Avoid, (list, refusal) => list.Add(refusal.HostId!.Value, refusal.Text));
        return await planning.PlanDeploymentAsync(deployment, avoid, context.CancellationToken) is { } destination
            ? new Planned(destination.HostId)
            : new NothingFits(await explanation.ExplainAsync(deployment, avoid, context.CancellationToken));
    }
}
