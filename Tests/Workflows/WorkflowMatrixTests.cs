using Newtonsoft.Json;
using PciBus.Management.Workflows;
using Xunit;

namespace PciBus.Tests.Workflows;

/// <summary>Each pair of step and event is handled, or ignored with the reason; made from the enums, so that none is forgotten.</summary>
public sealed class WorkflowMatrixTests
{
    /// <summary>A prime, so that each world has its turn.</summary>
    private const int Often = 31;

    public static IEnumerable<TheoryDataRow<string, string, string>> Pairs =>
    [
        .. from definition in WorkflowSamples.Definitions
           from step in definition.Steps
           from kind in Enum.GetValues<WorkflowEventKind>()
           select new TheoryDataRow<string, string, string>(definition.Kind.ToString(), step, kind.ToString()),
    ];

    /// <summary>
    /// All that is asked of a decision is asked in one go: there are many, and each reads its document. In one of the worlds, another each
    /// time, it is made twice.
    /// </summary>
    [Theory]
    [MemberData(nameof(Pairs))]
    public void Pair_IsHandledOrIgnoredWithAReason_AlwaysAlike_AndSomethingWakesWhatGoesOn(string workflow, string step, string @event)
    {
        var definition = Of(workflow);
        var cases = 0;
        foreach (var (document, facts, sample) in EveryCase(definition, Enum.Parse<WorkflowEventKind>(@event)))
        {
            var decision = definition.Decide(step, document, facts, sample);
            if (cases++ % Often == 0) AssertSame(decision, definition.Decide(step, document, facts, sample));
            if (decision.IgnoredBecause is { } why)
            {
                Assert.False(string.IsNullOrWhiteSpace(why), $"{workflow} ignores {sample} in {step} without a reason");
                Assert.True(decision.Next == step && decision.Effects.Count == 0, $"{workflow} ignores {sample} in {step}, and does something");
            }
            else if (decision.Next is not null && !facts.IsParked)
            {
                Assert.True(
                    decision.Effects.Any(effect => effect is Send or SendAgain or Plan or FindPciDevice or ClaimPciDevice or SetDeadline),
                    $"{workflow} goes from {step} to {decision.Next} on {sample} and nothing will wake it");
            }
        }
    }

    [Fact]
    public void EveryKindOfWorkflow_IsInTheMatrix() =>
        Assert.Equal(Enum.GetValues<WorkflowKind>().Order(), WorkflowSamples.Definitions.Select(one => one.Kind).Order());

    [Fact]
    public void EveryKindOfEvent_HasASample() =>
        Assert.Equal(Enum.GetValues<WorkflowEventKind>().Order(), WorkflowSamples.Events.Select(one => one.Kind).Distinct().Order());

    /// <summary>The text is dear, and needed only where an effect has a list: two lists are never equal.</summary>
    private static void AssertSame(WorkflowDecision one, WorkflowDecision other)
    {
        var isSame = one.Next == other.Next && one.Document == other.Document && one.IgnoredBecause == other.IgnoredBecause
            && one.Effects.SequenceEqual(other.Effects);
        if (!isSame) Assert.Equal(DecisionText.Of(one), DecisionText.Of(other));
    }

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
