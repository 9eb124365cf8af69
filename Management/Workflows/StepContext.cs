namespace PciBus.Management.Workflows;

/// <summary>One attempt at a step.</summary>
/// <param name="Refusals">What earlier attempts at this step were refused for.</param>
/// <param name="After">
/// The refusal that ended the attempts at the event: the workflow is fed this instead of it. Null for the event itself.
/// </param>
internal sealed record StepContext(IReadOnlyList<Refusal> Refusals, Refused? After, CancellationToken CancellationToken);
