using PciBus.Management.Jobs;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows.Settle;

namespace PciBus.Management.Workflows;

/// <summary>A workflow to begin.</summary>
/// <param name="Document">The document its kind begins with.</param>
internal sealed record WorkflowRequest(WorkflowKind Kind, object Document)
{
    /// <summary>The virtual machine it is about, when that exists already.</summary>
    public long VmId { get; init; }

    /// <summary>Makes the virtual machine it is about, in the same transaction; may be called again for a new attempt.</summary>
    public Func<VirtualMachine>? NewVm { get; init; }

    /// <summary>The job that tells its caller of the outcome; null when nobody asked.</summary>
    public JobRequest? Job { get; init; }

    /// <summary>The request cannot wait for the workflow that holds the virtual machine: that workflow is told to give up.</summary>
    public bool Urgent { get; init; }

    /// <summary>Nothing is begun unless this holds for the virtual machine.</summary>
    public Predicate<VirtualMachine>? OnlyIf { get; init; }

    /// <summary>Nothing is begun unless this holds in the transaction that begins it.</summary>
    public Func<PciBusDbContext, CancellationToken, Task<bool>>? OnlyWhile { get; init; }

    /// <summary>Leave its first step to the next look for overdue workflows.</summary>
    public bool HoldBack { get; init; }

    /// <summary>The condition of a request that is of no use while another workflow holds the virtual machine.</summary>
    public static bool IsNotHeld(VirtualMachine vm) => vm.WorkflowId is null;

    /// <summary>Finds out whether a virtual machine is on a host, unless a workflow holds it by then.</summary>
    public static WorkflowRequest Settle(long vmId, long hostId, string why) =>
        new(WorkflowKind.Settle, new SettleDocument(hostId, why)) { VmId = vmId, OnlyIf = IsNotHeld };
}
