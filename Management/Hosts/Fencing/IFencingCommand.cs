namespace PciBus.Management.Hosts.Fencing;

/// <summary>Runs a command that powers a host off.</summary>
internal interface IFencingCommand
{
    /// <returns>Null when the host is off: exit code 0.</returns>
    Task<FencingFailure?> RunAsync(FencingAttempt attempt, TimeSpan timeout, CancellationToken cancellationToken);
}

/// <summary>A host that is to be fenced now, by this process alone.</summary>
/// <param name="Session">In which the host fell silent: a host that has begun another session is not the host that was fenced.</param>
/// <param name="LastPing">When the host was heard last: a host that was heard since is not the host that was fenced either.</param>
internal sealed record FencingAttempt(
    long HostId, string HostName, long Session, DateTimeOffset? LastPing, string Executable, IReadOnlyList<string> Arguments);

/// <summary>A fencing command did not say that the host is fenced.</summary>
/// <param name="What">E.g. "exit code 1".</param>
/// <param name="Said">The last line of its stderr; null for none.</param>
internal sealed record FencingFailure(string What, string? Said);
