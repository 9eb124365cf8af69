namespace PciBus.Management.Workflows;

/// <summary>What came of an effect.</summary>
/// <param name="Refusal">Why it could not be done; null when it was.</param>
/// <param name="Event">What the workflow must hear of it; null for nothing.</param>
internal sealed record EffectResult(Refusal? Refusal, WorkflowEvent? Event = null)
{
    public static EffectResult Done { get; } = new((Refusal?)null);
}
