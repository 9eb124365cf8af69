using PciBus.Management.VirtualMachines;
using Decision = PciBus.Management.Workflows.WorkflowDecision<
    PciBus.Management.Workflows.CancelMigration.CancelMigrationStep, PciBus.Management.Workflows.CancelMigration.CancelMigrationDocument>;

namespace PciBus.Management.Workflows.CancelMigration;

/// <summary>
/// Waits behind the migration that was told to give up, and says what became of it: whether the virtual machine has stayed is
/// known when that one has ended, and not before.
/// </summary>
internal sealed class CancelMigrationWorkflow : WorkflowDefinition<CancelMigrationStep, CancelMigrationDocument>
{
    private const string NotAsked = "nothing is sent for it";

    public override WorkflowKind Kind => WorkflowKind.CancelMigration;

    protected override IReadOnlyDictionary<(CancelMigrationStep Step, WorkflowEventKind Event), string> IgnoredPairs { get; } =
        new Dictionary<(CancelMigrationStep, WorkflowEventKind), string>
        {
            [(CancelMigrationStep.Begin, WorkflowEventKind.Planned)] = NotAsked,
            [(CancelMigrationStep.Begin, WorkflowEventKind.NothingFits)] = NotAsked,
            [(CancelMigrationStep.Begin, WorkflowEventKind.Answered)] = NotAsked,
            [(CancelMigrationStep.Begin, WorkflowEventKind.Undelivered)] = NotAsked,
            [(CancelMigrationStep.Begin, WorkflowEventKind.Observed)] = NotAsked,
            [(CancelMigrationStep.Begin, WorkflowEventKind.AgentSession)] = NotAsked,
            [(CancelMigrationStep.Begin, WorkflowEventKind.HostDown)] = NotAsked,
        };

    protected override Decision? Decide(
        CancelMigrationStep step, CancelMigrationDocument document, WorkflowFacts facts, WorkflowEvent @event) =>
        @event switch
        {
            Begun or Overdue or Cancel => End(document, new EndJob(WhyNot(document, facts))),
            Refused refused => End(document, new EndJob(refused.Refusal)),
            _ => null,
        };

    private static Refusal? WhyNot(CancelMigrationDocument document, WorkflowFacts facts) =>
        facts.VmState == VirtualMachineState.Running && facts.VmHostId == document.SourceId
            ? null
            : new Refusal(
                RefusalCause.OperationFailed,
                facts.VmState == VirtualMachineState.Running
                    ? $"It was too late: {facts.VmName} has been migrated"
                    : $"The migration has ended otherwise: {facts.VmName} is {facts.VmState}");
}
