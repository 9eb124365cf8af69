using Newtonsoft.Json;
using PciBus.Management.Workflows;

namespace PciBus.Tests.Workflows;

/// <summary>A decision as text that says all of it, so that two can be compared.</summary>
internal static class DecisionText
{
    public static string Of(WorkflowDecision decision) => string.Join(
        '\n',
        decision.Effects.Select(effect => $"{effect.GetType().Name} {JsonConvert.SerializeObject(effect)}")
            .Prepend($"{decision.Next ?? "end"} {decision.Document} {decision.IgnoredBecause}"));
}
