using System.Collections.Immutable;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StartVirtualMachine;
using Xunit;
using static PciBus.Tests.Workflows.WorkflowSamples;

namespace PciBus.Tests.Workflows;

/// <summary>What the job of a start that failed says.</summary>
public sealed class StartFailureTests
{
    /// <summary>Hosts were free, and failed: that nothing else is free is not why the job fails.</summary>
    [Fact]
    public void Job_FailsBecauseHostsFailed_WhenTheyWereTried()
    {
        var tried = new StartDocument { Tried = ImmutableSortedDictionary<long, string>.Empty.Add(7, "kvm1: no such disk").Add(8, "kvm2 is not connected"), NotReached = 1 };

        var decided = Decide(StartStep.Planning, new NothingFits("No other host fits: 1 host short of devices"), document: tried);

        Assert.Equal(
            (RefusalCause.OperationFailed, "Unable to start: kvm1: no such disk; kvm2 is not connected. No other host fits: 1 host short of devices"),
            (decided.JobFailure!.Cause, decided.JobFailure.Text));
    }

    [Fact]
    public void Job_FailsBecauseNoHostWasReached_WhenNoneWas()
    {
        var tried = new StartDocument { Tried = ImmutableSortedDictionary<long, string>.Empty.Add(8, "kvm2 is not connected"), NotReached = 1 };

        var decided = Decide(StartStep.Planning, new NothingFits("There is no other host in the zone"), document: tried);

        Assert.Equal(
            (RefusalCause.AgentUnavailable, "Unable to start: kvm2 is not connected. There is no other host in the zone"),
            (decided.JobFailure!.Cause, decided.JobFailure.Text));
    }

    [Theory]
    [InlineData("no such disk", "Unable to start: kvm1: no such disk")]
    [InlineData("kvm1: no such disk", "Unable to start: kvm1: no such disk")]
    public void Host_IsNamedOnce_WhenItNamesItself(string details, string text)
    {
        var decided = Decide(
            StartStep.Starting, Answer(Observation.Off, result: false, notBegun: true, details: details), document: new StartDocument { HostId = HostId });

        Assert.Equal(text, decided.JobFailure!.Text);
    }

    private static Decided Decide(StartStep step, WorkflowEvent @event, StartDocument document) =>
        Decided.By(new StartVirtualMachineWorkflow(), step, document, World(VirtualMachineState.Starting), @event);
}
