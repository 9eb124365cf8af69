namespace PciBus.Management.Persistence;

/// <summary>
/// Written to the outbox for a destination to which nothing is sent any more. It is no message: the sender takes away what the
/// broker keeps for the destination, unless somebody listens there yet.
/// </summary>
internal sealed record DestinationGone;
