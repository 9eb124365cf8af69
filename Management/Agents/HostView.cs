namespace PciBus.Management.Agents;

/// <summary>Where a host's report and the records do not agree.</summary>
/// <param name="Strays">
/// Virtual machines that own devices there and are thought to be elsewhere, or off; and, on a host that was declared down, those
/// that are thought to run there and do not.
/// </param>
/// <param name="Doubtful">Virtual machines without a workflow that must be settled there.</param>
/// <param name="MayBeAwaited">Whether workflows may wait for the host.</param>
internal sealed record HostView(long HostId, IReadOnlyList<long> Strays, IReadOnlyList<long> Doubtful, bool MayBeAwaited = true)
{
    /// <summary>Of a host of which nothing is on record.</summary>
    public static HostView OfNew(long hostId) => new(hostId, [], [], MayBeAwaited: false);
}
