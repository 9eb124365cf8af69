namespace PciBus.Management.Hosts;

/// <summary>A host that is to be fenced now, by this process alone.</summary>
/// <param name="Session">In which it fell silent: a host that has begun another is not the one that was fenced.</param>
internal sealed record FencingAttempt(long HostId, string HostName, long Session, string Executable, IReadOnlyList<string> Arguments);
