using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows.CancelMigration;

/// <summary>
/// Waits behind the migration that was told to give up, and reports what became of it. Only when that migration has ended is it known
/// whether the virtual machine has stayed.
/// </summary>
/// <remarks>
/// When all goes well:
/// Begin + Begun -> ended  the virtual machine is Running where it was, and the job has succeeded.
/// </remarks>
internal sealed class CancelMigrationWorkflow : WorkflowDefinition<CancelMigrationStep, CancelMigrationDocument>
{
    public override WorkflowKind Kind => WorkflowKind.CancelMigration;

    protected override Decision? Decide(
        CancelMigrationStep step, CancelMigrationDocument document, WorkflowFacts facts, WorkflowEvent @event) =>
        (step, @event) switch
        {
            (CancelMigrationStep.Begin, Begun or Overdue or Cancel) => End(document, new EndJob(WhyNot(document, facts))),
            (CancelMigrationStep.Begin, Refused refused) => End(document, new EndJob(refused.Refusal)),
            (CancelMigrationStep.Begin, Planned or NothingFits or Answered or Undelivered or Observed or Sighted or AgentSession
                or HostDown) =>
                Ignore(step, document, "nothing is sent for it"),
            _ => null,
        };

    private static Refusal? WhyNot(CancelMigrationDocument document, WorkflowFacts facts) => facts switch
    {
        { VmState: VirtualMachineState.Running } when facts.VmHostId == document.SourceId => null,
        { VmState: VirtualMachineState.Running } => new Refusal(
            RefusalCause.OperationFailed, $"It was too late: {facts.VmName} has been migrated"),
        _ => new Refusal(RefusalCause.OperationFailed, $"The migration has ended otherwise: {facts.VmName} is {facts.VmState}"),
    };
}

/// <summary>Where the virtual machine was to stay.</summary>
internal sealed record CancelMigrationDocument(long SourceId);

internal enum CancelMigrationStep
{
    Begin,
}
