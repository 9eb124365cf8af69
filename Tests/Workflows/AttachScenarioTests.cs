using PciBus.Contracts.PciDevices;
using PciBus.Management.Events;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.AttachPciDevices;
using Xunit;

namespace PciBus.Tests.Workflows;

/// <summary>Devices that are attached to a virtual machine that runs.</summary>
public sealed class AttachScenarioTests : WorkflowScenarios
{
    public static IEnumerable<TheoryDataRow<string, Mishap>> Attaches => Scenarios([AttachStep.Begin, AttachStep.Claiming], Mishap.Cancelled);

    private protected override WorkflowKind Kind => WorkflowKind.AttachPciDevices;

    [Theory]
    [MemberData(nameof(Attaches))]
    public async Task Attach_EndsWell_WhateverHappens(string step, Mishap mishap)
    {
        var vm = await Scene.RunningAsync();
        var isBroken = step == nameof(AttachStep.TakingBack);
        if (isBroken) Scene.Source.Broken.Add(PciAddress.Parse("28:00.3"));
        var job = await Scene.BeginAsync(vm, Kind, new AttachDocument { Name = "10GE" }, EventTypes.PciDeviceAttach);

        await MeetAsync(step, mishap, vm);

        // What could not be given back at that moment stays claimed: it is attached as soon as that is possible.
        if (isBroken && Scene.ClaimedOn(Scene.Source).Count == 3)
        {
            Scene.Source.Broken.Clear();
            await Scene.RepairAsync();
        }

        Check(vm, Scene.Job(job), 2, 3);
        CheckHealth();
    }
}
