namespace PciBus.Management;

/// <summary>An expected "no", with the reason an operator can act on.</summary>
internal sealed record Refusal(RefusalCause Cause, string Text)
{
    /// <summary>The host that refused; null when the refusal is not about a host.</summary>
    public long? HostId { get; init; }

    /// <summary>Another transaction was first: on fresh data the answer may differ.</summary>
    public bool LostRace { get; init; }

    /// <summary>What was asked for cannot be done as things are.</summary>
    public static Refusal InvalidParameter(string text) => new(RefusalCause.InvalidParameter, text);

    public static Refusal Race(string text, long? hostId = null) =>
        new(RefusalCause.ConcurrentChange, text) { HostId = hostId, LostRace = true };
}
