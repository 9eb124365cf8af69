namespace PciBus.Management.Hosts.Joining;

/// <summary>The user that a host is on the broker.</summary>
/// <param name="Guid">The host's.</param>
/// <param name="PasswordHash">As the broker keeps it.</param>
internal sealed record HostUser(long HostId, string Guid, string PasswordHash);
