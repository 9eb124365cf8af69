namespace PciBus.Management.Hosts.Fencing;

/// <summary>How hosts that are not heard are powered off, so that they are down for certain.</summary>
internal sealed record FencingOptions
{
    /// <summary>Fences a host that has no command of its own. Default: none, and no host is fenced (<c>fencing.command</c>).</summary>
    public FencingCommandLine Command { get; init; } = FencingCommandLine.None;

    /// <summary>The commands of single hosts, by guid; none there = that host is not fenced (<c>fencing.command.GUID</c>).</summary>
    public IReadOnlyDictionary<string, FencingCommandLine> Commands { get; init; } = new Dictionary<string, FencingCommandLine>();

    /// <summary>How long a command may take before it is ended. Default 60 seconds (<c>fencing.timeout</c>).</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after a failed command it is run again. Default 60 seconds (<c>fencing.retry.interval</c>).</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Of a cluster in which more hosts than this are not heard, no host is fenced; nor of a cluster in which less than half are heard.
    /// Default 3 (<c>fencing.limit</c>).
    /// </summary>
    public int Limit { get; init; } = 3;

    public bool IsConfigured => !Command.IsNone || Commands.Values.Any(command => !command.IsNone);

    public FencingCommandLine For(Host host) => Commands.GetValueOrDefault(host.Guid, Command);
}
