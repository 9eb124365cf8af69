namespace PciBus.Management.Workflows;

/// <summary>One attempt at a step.</summary>
/// <param name="Refusals">What earlier attempts at this step were refused for.</param>
/// <param name="After">What is fed instead of the original event: the refusal that ended the attempts; null at first.</param>
internal sealed record StepContext(IReadOnlyList<Refusal> Refusals, Refused? After, CancellationToken CancellationToken);
