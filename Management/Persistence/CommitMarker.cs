namespace PciBus.Management.Persistence;

/// <summary>A transaction that wrote something, and was committed.</summary>
internal sealed class CommitMarker
{
    public Guid Id { get; set; }
    public DateTimeOffset Created { get; set; }
}
