namespace PciBus.Management.Api.Events;

/// <summary>What something is called in the API.</summary>
internal sealed record ResourceName(Guid Uuid, string Name);
