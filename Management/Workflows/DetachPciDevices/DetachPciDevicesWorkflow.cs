using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.VirtualMachines;

namespace PciBus.Management.Workflows.DetachPciDevices;

/// <summary>
/// Takes a device from a running virtual machine, on its host's word that the device is not in the domain any more. A guest that refuses or
/// says nothing keeps it: the job fails and the claim stays. Should such a guest let go later, the device is claimed and not in the domain,
/// and a repair attaches it again.
/// </summary>
/// <remarks>
/// When all goes well:
/// Begin     + Begun            -> Finding    the device is looked at, in the same transaction;
/// Finding   + Planned          -> Detaching  its host is sent the DetachPciDevicesCommand;
/// Detaching + Answered Removed -> ended      it is released.
/// </remarks>
internal sealed class DetachPciDevicesWorkflow : WorkflowDefinition<DetachStep, DetachDocument>
{
    private const string NotAsked = "nothing was sent yet";
    private const string DecidedAtOnce = "the look at the device ends in the transaction that began it";
    private const string Found = "the device has been found";

    public override WorkflowKind Kind => WorkflowKind.DetachPciDevices;

    protected override Decision? Decide(DetachStep step, DetachDocument document, WorkflowFacts facts, WorkflowEvent @event) =>
        (step, @event) switch
        {
            (DetachStep.Begin, Begun or Overdue) => Begin(document, facts),
            (DetachStep.Begin, Refused refused) => End(document, new EndJob(refused.Refusal)),
            (DetachStep.Begin, Cancel cancel) => Fail(document, facts, cancel.Why),
            (DetachStep.Begin, Planned or NothingFits or Answered or Undelivered or Observed or Sighted or AgentSession or HostDown) =>
                Ignore(step, document, NotAsked),

            (DetachStep.Finding, Planned { Device: { } device } planned) => Go(
                DetachStep.Detaching, document with { Device = device }, SendDetach(device.Id, planned.HostId, facts)),
            (DetachStep.Finding, NothingFits nothing) =>
                End(document, new EndJob(Refusal.InvalidParameter(nothing.Reasons))),

            (DetachStep.Finding, Refused) => Ignore(step, document, "a refusal rolls back to the step before"),
            (DetachStep.Finding, Planned or Begun or Answered or Undelivered or Observed or Sighted or AgentSession or HostDown or Overdue
                or Cancel) =>
                Ignore(step, document, DecidedAtOnce),

            (DetachStep.Detaching, Answered answer) => Hear(document, facts, answer),
            (DetachStep.Detaching, Undelivered) => Fail(document, facts, $"{facts.AwaitingHostName} is not connected"),
            (DetachStep.Detaching, AgentSession session) => Go(DetachStep.Detaching, document, new SendAgain(session.HostId)),
            (DetachStep.Detaching, Overdue) => facts.Now < facts.JobDeadline
                ? Go(DetachStep.Detaching, document, SendDetach(document.DeviceId, facts.AwaitingHostId!.Value, facts))
                : End(document, new EndJob(new Refusal(
                    RefusalCause.OperationTimedOut,
                    $"{facts.AwaitingHostName} does not answer: {facts.VmName} owns {document.Device}, and gets it back should it have let "
                    + "go of it"))),
            (DetachStep.Detaching, HostDown) => Fail(document, facts, $"{facts.AwaitingHostName} was declared down"),
            (DetachStep.Detaching, Cancel cancel) => Fail(document, facts, cancel.Why),
            (DetachStep.Detaching, Refused) => Ignore(step, document, "it has no effect that can be refused"),
            (DetachStep.Detaching, Observed) => Ignore(step, document, "a report is a hint; the answer that is awaited decides"),
            (DetachStep.Detaching, Sighted) => Ignore(step, document, "what runs elsewhere is settled when this has ended"),
            (DetachStep.Detaching, Begun) => Ignore(step, document, "it has begun"),
            (DetachStep.Detaching, Planned or NothingFits) => Ignore(step, document, Found),
            _ => null,
        };

    private static Decision Begin(DetachDocument document, WorkflowFacts facts) => facts.VmState == VirtualMachineState.Running
        ? Go(DetachStep.Finding, document, new FindPciDevice(facts.VmHostId!.Value, document.DeviceId))
        : Refuse(document, facts, "devices can be detached only when it is Running");

    private static Send SendDetach(long deviceId, long hostId, WorkflowFacts facts) =>
        new(hostId, VirtualMachineOrder.DetachPciDevices, facts.Options.CommandTimeout) { DeviceIds = [deviceId] };

    private static Decision Hear(DetachDocument document, WorkflowFacts facts, Answered answer)
    {
        var outcome = answer.DeviceOutcomes.FirstOrDefault(one => one.Address.ToString() == document.Device?.Address);
        return (outcome, answer) switch
        {
            ({ State: HotplugState.Removed }, { NotBegun: false }) => End(
                document,
                new ReleasePciDevice(document.DeviceId, EvidenceOf(answer), "detached by hand") { ByHand = true },
                new EndJob(null)),
            (_, { Observed: Observation.UnderWay, NotBegun: false }) =>
                Ignore(DetachStep.Detaching, document, "the first copy of the command is under way: it answers, or the deadline passes"),
            ({ } kept, _) => Fail(document, facts, kept.Reason ?? $"it is {kept.State}"),
            (_, { NotBegun: true }) => Fail(document, facts, answer.Details ?? "its host did not begin"),
            // The agent died within the command, or could not look: asked again, it says what became of the device, and cleans it.
            _ => Go(DetachStep.Detaching, document, new SetDeadline(facts.In(facts.Options.CheckInterval))),
        };
    }

    private static Decision Fail(DetachDocument document, WorkflowFacts facts, string why) => End(document, new EndJob(new Refusal(
        RefusalCause.OperationFailed, $"{facts.VmName} keeps {document.Device?.ToString() ?? "the device"}: {why}")));
}

/// <summary>Which device is to be detached.</summary>
internal sealed record DetachDocument(long DeviceId)
{
    /// <summary>The same device, once it was found to be the virtual machine's.</summary>
    public ChosenDevice? Device { get; init; }
}

internal enum DetachStep
{
    Begin,

    /// <summary>The device is looked at.</summary>
    Finding,

    /// <summary>The host was told to have the guest let go of the device, and to clean it.</summary>
    Detaching,
}
