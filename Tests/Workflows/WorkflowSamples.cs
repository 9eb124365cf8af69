using System.Collections.Immutable;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.DestroyVirtualMachine;
using PciBus.Management.Workflows.RebootVirtualMachine;
using PciBus.Management.Workflows.Settle;
using PciBus.Management.Workflows.StartVirtualMachine;
using PciBus.Management.Workflows.StopVirtualMachine;

namespace PciBus.Tests.Workflows;

/// <summary>All workflows, and everything that can happen to them, as values.</summary>
internal static class WorkflowSamples
{
    public const long HostId = 7;

    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static PciDeviceCleaning Cleaned { get; } = new() { Address = PciAddress.Parse("28:00.1"), Clean = true };

    public static IReadOnlyList<IWorkflowDefinition> Definitions { get; } =
    [
        new StartVirtualMachineWorkflow(),
        new StopVirtualMachineWorkflow(),
        new RebootVirtualMachineWorkflow(),
        new DestroyVirtualMachineWorkflow(),
        new SettleWorkflow(),
    ];

    /// <summary>Every kind of event in every variant that a workflow may tell apart.</summary>
    public static IReadOnlyList<WorkflowEvent> Events { get; } =
    [
        new Begun(),
        new Planned(HostId),
        new NothingFits("none"),
        .. Answers,
        new Undelivered(HostId),
        new Observed(HostId),
        new Sighted(HostId),
        new Sighted(8),
        new AgentSession(HostId),
        new HostDown(HostId),
        .. RefusedAfter,
        new Overdue(),
        new Cancel("a forced stop was asked for"),
    ];

    /// <summary>States of the world in which an event may come.</summary>
    public static IReadOnlyList<WorkflowFacts> Worlds { get; } =
    [
        .. from state in Enum.GetValues<VirtualMachineState>()
           from parked in new[] { false, true }
           from late in new[] { false, true }
           from down in new (bool Was, bool Holds, bool Restart)[] { (false, false, false), (true, false, false), (true, true, false), (true, true, true) }
           select World(state, parked, late) with { AwaitingHostWasDown = down.Was, AwaitingHostHolds = down.Holds, RestartPending = down.Restart },
    ];

    private static IEnumerable<Answered> Answers =>
        from result in new[] { false, true }
        from notBegun in new[] { false, true }
        from observed in Enum.GetValues<Observation>()
        from more in new (bool OnlyCopy, bool? Own, bool Cleaned)[]
        {
            (true, null, true), (true, true, true), (true, false, true), (false, true, true), (true, true, false),
        }
        select Answer(observed, result, notBegun) with { IsOnlyCopy = more.OnlyCopy, HasOwnDevices = more.Own, HasCleaned = more.Cleaned };

    private static IEnumerable<Refused> RefusedAfter =>
        from after in new WorkflowEvent[] { new Begun(), new Overdue(), new Undelivered(HostId), new HostDown(HostId) }.Concat(Answers)
        select new Refused(new Refusal(RefusalCause.ConcurrentChange, "taken") { LostRace = true }, after);

    public static Answered Answer(Observation observed, bool result = true, bool notBegun = false, string? details = null) =>
        new(HostId, "kvm1", 3, 11, result, notBegun, observed, details, [Cleaned]) { HasOwnDevices = true };

    public static WorkflowFacts World(VirtualMachineState state, bool parked = false, bool late = false) =>
        new(Now, new WorkflowOptions(), "web1", state, HostId, HostId, "kvm1", parked)
        {
            JobDeadline = late ? Now : Now.AddMinutes(10),
        };

    /// <summary>Documents a workflow of a kind may have.</summary>
    public static IReadOnlyList<object> Documents(WorkflowKind kind) => kind switch
    {
        WorkflowKind.StartVirtualMachine =>
        [
            new StartDocument(),
            new StartDocument { HostId = HostId },
            new StartDocument { Cancelled = "a forced stop was asked for" },
            new StartDocument { LastFailure = "kvm2: no", Tried = ImmutableSortedDictionary<long, string>.Empty.Add(8, "kvm2: no") },
        ],
        WorkflowKind.StopVirtualMachine or WorkflowKind.DestroyVirtualMachine =>
        [
            new StopDocument(),
            new StopDocument { Forced = true },
            new StopDocument { Destroy = true },
            new StopDocument { Destroy = true, Expunge = true },
        ],
        WorkflowKind.RebootVirtualMachine => [new RebootDocument()],
        WorkflowKind.Settle => [new SettleDocument(HostId, "the host reported otherwise"), new SettleDocument(8, "stray")],
    };
}
