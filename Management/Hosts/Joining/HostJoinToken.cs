namespace PciBus.Management.Hosts.Joining;

/// <summary>An operator's leave for one host to join a cluster. Of the token itself only a hash is kept.</summary>
internal sealed class HostJoinToken
{
    public long Id { get; set; }
    public Guid Uuid { get; set; }

    /// <summary>SHA-256 of the token, in hexadecimal: it is random, and as long as the hash.</summary>
    public required string TokenHash { get; set; }
    public long ClusterId { get; set; }

    /// <summary>The only host that it is for; null = any new one.</summary>
    public long? HostId { get; set; }
    public DateTimeOffset Created { get; set; }
    public DateTimeOffset Expires { get; set; }

    /// <summary>When a host joined with it; it is good once.</summary>
    public DateTimeOffset? Used { get; set; }

    /// <summary>Name and guid of that host.</summary>
    public string? UsedBy { get; set; }
}
