using Newtonsoft.Json;
using PciBus.Management.Workflows;
using Xunit;

namespace PciBus.Tests.Workflows;

/// <summary>Each pair of step and event is handled, or ignored with the reason; made from the enums, so that none is forgotten.</summary>
public sealed class WorkflowMatrixTests
{
    public static IEnumerable<TheoryDataRow<string, string, string>> Pairs =>
    [
        .. from definition in WorkflowSamples.Definitions
           from step in definition.Steps
           from kind in Enum.GetValues<WorkflowEventKind>()
           select new TheoryDataRow<string, string, string>(definition.Kind.ToString(), step, kind.ToString()),
    ];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Pair_IsEitherHandledOrIgnoredWithAReason(string workflow, string step, string @event)
    {
        var definition = Of(workflow);
        var kind = Enum.Parse<WorkflowEventKind>(@event);
        foreach (var (document, facts, sample) in EveryCase(definition, kind))
        {
            var decision = definition.Decide(step, document, facts, sample);
            if (decision.IgnoredBecause is not { } why) continue;
            Assert.False(string.IsNullOrWhiteSpace(why), $"{workflow} ignores {sample} in {step} without a reason");
            Assert.True(decision.Next == step && decision.Effects.Count == 0, $"{workflow} ignores {sample} in {step}, and does something");
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Decision_IsTheSame_WhenItIsMadeTwice(string workflow, string step, string @event)
    {
        var definition = Of(workflow);
        foreach (var (document, facts, sample) in EveryCase(definition, Enum.Parse<WorkflowEventKind>(@event)))
        {
            Assert.Equal(
                DecisionText.Of(definition.Decide(step, document, facts, sample)),
                DecisionText.Of(definition.Decide(step, document, facts, sample)));
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void WorkflowThatGoesOn_HasADeadlineOrIsParkedOnAHost(string workflow, string step, string @event)
    {
        var definition = Of(workflow);
        foreach (var (document, facts, sample) in EveryCase(definition, Enum.Parse<WorkflowEventKind>(@event)).Where(one => !one.Facts.IsParked))
        {
            var decision = definition.Decide(step, document, facts, sample);
            if (decision.Next is null || decision.IgnoredBecause is not null) continue;
            Assert.True(
                decision.Effects.Any(effect => effect is Send or SendAgain or Plan or FindPciDevice or ClaimPciDevice or SetDeadline),
                $"{workflow} goes from {step} to {decision.Next} on {sample} and nothing will wake it");
        }
    }

    [Fact]
    public void EveryKindOfWorkflow_IsInTheMatrix() =>
        Assert.Equal(Enum.GetValues<WorkflowKind>().Order(), WorkflowSamples.Definitions.Select(one => one.Kind).Order());

    [Fact]
    public void EveryKindOfEvent_HasASample() =>
        Assert.Equal(Enum.GetValues<WorkflowEventKind>().Order(), WorkflowSamples.Events.Select(one => one.Kind).Distinct().Order());

    private static IWorkflowDefinition Of(string workflow) =>
        WorkflowSamples.Definitions.Single(one => one.Kind.ToString() == workflow);

    private static IEnumerable<(string Document, WorkflowFacts Facts, WorkflowEvent Event)> EveryCase(
        IWorkflowDefinition definition, WorkflowEventKind kind)
    {
        var samples = WorkflowSamples.EventsOf(definition.Kind).Where(sample => sample.Kind == kind).ToList();
        Assert.NotEmpty(samples);
        var worlds = WorkflowSamples.WorldsOf(definition.Kind);
        return
            from document in WorkflowSamples.Documents(definition.Kind).Select(JsonConvert.SerializeObject).ToList()
            from sample in samples
            from facts in worlds
            select (document, facts, sample);
    }
}
