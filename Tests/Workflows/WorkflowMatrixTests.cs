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
        var samples = WorkflowSamples.Events.Where(sample => sample.Kind == kind).ToList();
        Assert.NotEmpty(samples);

        foreach (var (document, facts, sample) in EveryCase(definition, samples))
        {
            var decision = definition.Decide(step, JsonConvert.SerializeObject(document), facts, sample);
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
        var samples = WorkflowSamples.Events.Where(sample => sample.Kind.ToString() == @event);
        foreach (var (document, facts, sample) in EveryCase(definition, samples))
        {
            var text = JsonConvert.SerializeObject(document);
            Assert.Equal(
                DecisionText.Of(definition.Decide(step, text, facts, sample)),
                DecisionText.Of(definition.Decide(step, text, facts, sample)));
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void WorkflowThatGoesOn_HasADeadlineOrIsParkedOnAHost(string workflow, string step, string @event)
    {
        var definition = Of(workflow);
        var samples = WorkflowSamples.Events.Where(sample => sample.Kind.ToString() == @event);
        foreach (var (document, facts, sample) in EveryCase(definition, samples).Where(one => !one.Facts.IsParked))
        {
            var decision = definition.Decide(step, JsonConvert.SerializeObject(document), facts, sample);
            if (decision.Next is null || decision.IgnoredBecause is not null) continue;
            Assert.True(
                decision.Effects.Any(effect => effect is Send or SendAgain or Plan or SetDeadline),
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

    private static IEnumerable<(object Document, WorkflowFacts Facts, WorkflowEvent Event)> EveryCase(
        IWorkflowDefinition definition, IEnumerable<WorkflowEvent> events) =>
        from sample in events
        from facts in WorkflowSamples.Worlds
        from document in WorkflowSamples.Documents(definition.Kind)
        select (document, facts, sample);
}
