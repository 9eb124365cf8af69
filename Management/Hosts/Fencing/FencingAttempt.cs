namespace PciBus.Management.Hosts.Fencing;

/// <summary>A host that is to be fenced now, by this process alone.</summary>
/// <param name="Session">In which it fell silent: a host that has begun another is not the one that was fenced.</param>
/// <param name="LastPing">When it was heard last: one that was heard since is not the one that was fenced either.</param>
internal sealed record FencingAttempt(
    long HostId, string HostName, long Session, DateTimeOffset? LastPing, string Executable, IReadOnlyList<string> Arguments);
