using PciBus.Contracts.VirtualMachines;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.MigrateVirtualMachine;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Workflows;

/// <summary>Each step of a migration meets each mishap.</summary>
public sealed class MigrationScenarioTests : WorkflowScenarios
{
    public static IEnumerable<TheoryDataRow<string, Mishap>> Migrations => Scenarios([MigrateStep.Begin, MigrateStep.Planning]);

    private protected override WorkflowKind Kind => WorkflowKind.MigrateVirtualMachine;

    [Theory]
    [MemberData(nameof(Migrations))]
    public async Task Migration_EndsWell_WhateverHappens(string step, Mishap mishap)
    {
        var vm = await Scene.RunningAsync();
        LeadTo(Enum.Parse<MigrateStep>(step), vm);
        var job = await Scene.MigrateAsync(vm);

        await MeetAsync(step, mishap, vm);

        Check(vm, Scene.Job(job), 2);
        CheckHealth();
    }

    /// <summary>Steps that a migration without trouble does not come to.</summary>
    private void LeadTo(MigrateStep step, VirtualMachine vm)
    {
        var first = true;
        if (step == MigrateStep.AskingSource)
        {
            Scene.Source.OnTheWay = answer => [answer is MigrateAnswer ? answer with { Result = false, Observed = Observation.Unknown } : answer];
        }

        if (step != MigrateStep.EndingSource) return;
        Scene.Source.OnTheWay = answer =>
        {
            if (answer is not MigrateAnswer || !first) return [answer];
            first = false;
            Scene.Source.Place(Announcements.Domain(vm.Uuid) with { Status = DomainStatus.Paused });
            return [answer with { Result = false, Observed = Observation.Running, Status = DomainStatus.Paused, Cleaned = [] }];
        };
    }
}
