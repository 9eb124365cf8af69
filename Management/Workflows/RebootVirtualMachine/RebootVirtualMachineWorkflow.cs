using PciBus.Contracts.VirtualMachines;
using PciBus.Management.VirtualMachines;
using Decision = PciBus.Management.Workflows.WorkflowDecision<
    PciBus.Management.Workflows.RebootVirtualMachine.RebootStep, PciBus.Management.Workflows.RebootVirtualMachine.RebootDocument>;

namespace PciBus.Management.Workflows.RebootVirtualMachine;

/// <summary>
/// Reboot in place. The virtual machine stays Running with its devices whatever comes of it; one that turns out to be off
/// is settled like any other that powered itself off.
/// </summary>
internal sealed class RebootVirtualMachineWorkflow : WorkflowDefinition<RebootStep, RebootDocument>
{
    private const string NotAsked = "nothing was sent yet";
    private const string NoPlan = "a reboot plans nothing";
    private const string NotStarted = "a reboot starts no copy; what runs elsewhere is settled when it has ended";

    public override WorkflowKind Kind => WorkflowKind.RebootVirtualMachine;

    protected override IReadOnlyDictionary<(RebootStep Step, WorkflowEventKind Event), string> IgnoredPairs { get; } =
        new Dictionary<(RebootStep, WorkflowEventKind), string>
        {
            [(RebootStep.Begin, WorkflowEventKind.Planned)] = NoPlan,
            [(RebootStep.Begin, WorkflowEventKind.NothingFits)] = NoPlan,
            [(RebootStep.Begin, WorkflowEventKind.Answered)] = NotAsked,
            [(RebootStep.Begin, WorkflowEventKind.Undelivered)] = NotAsked,
            [(RebootStep.Begin, WorkflowEventKind.Observed)] = NotAsked,
            [(RebootStep.Begin, WorkflowEventKind.Sighted)] = NotStarted,
            [(RebootStep.Begin, WorkflowEventKind.AgentSession)] = NotAsked,
            [(RebootStep.Begin, WorkflowEventKind.HostDown)] = NotAsked,
            [(RebootStep.Rebooting, WorkflowEventKind.Begun)] = "it has begun",
            [(RebootStep.Rebooting, WorkflowEventKind.Planned)] = NoPlan,
            [(RebootStep.Rebooting, WorkflowEventKind.NothingFits)] = NoPlan,
            [(RebootStep.Rebooting, WorkflowEventKind.Sighted)] = NotStarted,
            [(RebootStep.Rebooting, WorkflowEventKind.Observed)] = "a report is a hint; the answer that is awaited decides",
            [(RebootStep.Rebooting, WorkflowEventKind.Refused)] = "it has no effect that can be refused",
        };

    protected override Decision? Decide(RebootStep step, RebootDocument document, WorkflowFacts facts, WorkflowEvent @event) =>
        (step, @event) switch
        {
            (RebootStep.Begin, Begun or Overdue) => Begin(document, facts),
            (RebootStep.Begin, Refused refused) => End(document, new EndJob(refused.Refusal)),
            (RebootStep.Begin, Cancel cancel) => Fail(document, facts, cancel.Why),

            (RebootStep.Rebooting, Answered { Result: true, Observed: Observation.Running }) => End(document, new EndJob(null)),
            (RebootStep.Rebooting, Answered { Observed: Observation.UnderWay, NotBegun: false }) =>
                Stay(step, document, "the first copy of the command is under way: it answers, or the deadline passes"),
            (RebootStep.Rebooting, Answered answer) =>
                Fail(document, facts, $"{answer.HostName}: {answer.Details ?? $"it is {answer.Observed}"}"),
            (RebootStep.Rebooting, Undelivered) => Fail(document, facts, $"{facts.AwaitingHostName} is not connected"),
            (RebootStep.Rebooting, AgentSession) => Go(RebootStep.Rebooting, document, new SendAgain()),
            (RebootStep.Rebooting, HostDown) => Fail(document, facts, $"{facts.AwaitingHostName} was declared down"),
            (RebootStep.Rebooting, Overdue) => End(document, new EndJob(new Refusal(
                RefusalCause.OperationTimedOut, $"{facts.AwaitingHostName} does not answer: {facts.VmName} may or may not have rebooted"))),
            (RebootStep.Rebooting, Cancel cancel) => Fail(document, facts, cancel.Why),
            _ => null,
        };

    private static Decision Begin(RebootDocument document, WorkflowFacts facts) => facts.VmState == VirtualMachineState.Running
        ? Go(RebootStep.Rebooting, document, new Send(facts.VmHostId!.Value, VirtualMachineOrder.Reboot, facts.Options.CommandTimeout))
        : End(document, new EndJob(new Refusal(
            RefusalCause.InvalidParameter, $"{facts.VmName} is {facts.VmState}, it can be rebooted only when it is Running")));

    private static Decision Fail(RebootDocument document, WorkflowFacts facts, string why) =>
        End(document, new EndJob(new Refusal(RefusalCause.OperationFailed, $"{facts.VmName} was not rebooted: {why}")));
}
