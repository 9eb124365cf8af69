namespace PciBus.Management.Events;

/// <summary>Something an operator must look at, until it is resolved.</summary>
internal sealed class Alert
{
    public long Id { get; set; }
    public Guid Uuid { get; set; }
    public AlertType Type { get; set; }

    /// <summary>One line; with <see cref="Type"/> and the host it tells alerts apart.</summary>
    public required string Subject { get; set; }
    public required string Body { get; set; }
    public long? HostId { get; set; }
    public long? VmId { get; set; }
    public DateTimeOffset Created { get; set; }

    /// <summary>When its cause went away, or an operator archived it; null while it stands.</summary>
    public DateTimeOffset? Resolved { get; set; }
}
