namespace PciBus.Contracts.Startup;

/// <summary>Agent to management: the agent stops; its VMs go on.</summary>
public sealed record ShutdownCommand : Command
{
    public const string SigKill = "sig.kill";
    public const string Update = "update";
    public const string Unknown = "unknown";

    /// <summary>One of the constants of this class.</summary>
    public string Reason { get; init; } = Unknown;

    public string? Detail { get; init; }

    // -- PciBus --

    public string HostGuid { get; init; } = "";

    public long Session { get; init; }

    /// <summary>Its place among the reports and answers of the session: a lower number was sent before. 0 when not known.</summary>
    public long Sequence { get; init; }
}
