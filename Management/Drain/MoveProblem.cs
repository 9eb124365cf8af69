namespace PciBus.Management.Drain;

/// <summary>Who is to be put where, as numbers.</summary>
/// <param name="Asked">What each virtual machine asks for.</param>
/// <param name="Room">What each host has, in the same dimensions.</param>
/// <param name="MayGo">Whether the virtual machine (first index) may be on the host at all.</param>
internal sealed record MoveProblem(long[][] Asked, long[][] Room, bool[][] MayGo)
{
    public bool Fits(int vm, int host) => MayGo[vm][host] && MoveDimensions.Covers(Room[host], Asked[vm]);
}
