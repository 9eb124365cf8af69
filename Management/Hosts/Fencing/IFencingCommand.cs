namespace PciBus.Management.Hosts.Fencing;

/// <summary>Runs a command that powers a host off.</summary>
internal interface IFencingCommand
{
    /// <returns>Null when the host is off: exit code 0.</returns>
    Task<FencingFailure?> RunAsync(FencingAttempt attempt, TimeSpan timeout, CancellationToken cancellationToken);
}
