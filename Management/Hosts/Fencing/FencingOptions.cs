using PciBus.Management.Configuration;

namespace PciBus.Management.Hosts.Fencing;

/// <summary>How hosts that are not heard are powered off, so that they are down for certain.</summary>
internal sealed record FencingOptions
{
    public const string CommandOfAll = "fencing.command";
    public const string CommandOfHost = "fencing.command.<guid>";

    /// <summary>Fences a host that has no command of its own.</summary>
    [Setting(CommandOfAll, SettingCategory.Hosts, "powers off a host that is not heard; exit code 0 says that it is off",
        Allowed = FencingCommandLine.Form, IsText = true, IsSecret = true)]
    public FencingCommandLine Command { get; init; } = FencingCommandLine.None;

    /// <summary>The commands of single hosts, by guid; none there = that host is not fenced.</summary>
    [Setting(CommandOfHost, SettingCategory.Hosts, "the same for one host; empty: it is never fenced",
        Allowed = FencingCommandLine.Form, IsText = true, IsSecret = true)]
    public IReadOnlyDictionary<string, FencingCommandLine> Commands { get; init; } = new Dictionary<string, FencingCommandLine>();

    [Setting("fencing.timeout", SettingCategory.Hosts, "when a fencing command that has not ended is killed")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    [Setting("fencing.retry.interval", SettingCategory.Hosts, "how long after a fencing command that failed it is run again")]
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(60);

    [Setting("fencing.limit", SettingCategory.Hosts,
        "of a cluster in which more hosts than this are not heard, or more than half of them, none is fenced", Max = 1000)]
    public int Limit { get; init; } = 3;

    public bool IsConfigured => !Command.IsNone || Commands.Values.Any(command => !command.IsNone);

    public FencingCommandLine For(Host host) => Commands.GetValueOrDefault(host.Guid, Command);
}
