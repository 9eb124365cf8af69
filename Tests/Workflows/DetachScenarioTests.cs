using PciBus.Management.Events;
using PciBus.Management.PciDevices;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.DetachPciDevices;
using Xunit;

namespace PciBus.Tests.Workflows;

/// <summary>Devices that are taken from a virtual machine that runs.</summary>
public sealed class DetachScenarioTests : WorkflowScenarios
{
    public static IEnumerable<TheoryDataRow<string, Mishap>> Detaches => Scenarios([DetachStep.Begin, DetachStep.Finding], Mishap.Cancelled);

    private protected override WorkflowKind Kind => WorkflowKind.DetachPciDevices;

    [Theory]
    [MemberData(nameof(Detaches))]
    public async Task Detach_EndsWell_WhateverHappens(string step, Mishap mishap)
    {
        var vm = await Scene.RunningAsync();
        var device = Scene.Rig.Read(database => database.Set<PciDevice>().First(device => device.InstanceId == vm.Id).Id);
        var job = await Scene.BeginAsync(vm, Kind, new DetachDocument(device), EventTypes.PciDeviceDetach);

        await MeetAsync(step, mishap, vm);
        await Scene.RepairAsync();

        Check(vm, Scene.Job(job), 1, 2);
        CheckHealth();
    }
}
