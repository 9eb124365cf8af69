namespace PciBus.Management.Drain;

/// <summary>Who is put where.</summary>
/// <param name="Hosts">Index of the host of each virtual machine; -1 = none.</param>
/// <param name="IsMaximum">It is proved that no more can be put anywhere.</param>
internal sealed record MoveMatch(IReadOnlyList<int> Hosts, bool IsMaximum)
{
    public int Count => Hosts.Count(host => host >= 0);
}
