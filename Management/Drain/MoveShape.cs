namespace PciBus.Management.Drain;

/// <summary>Virtual machines that ask for the same and may go to the same hosts.</summary>
/// <param name="Sample">One of them.</param>
internal sealed record MoveShape(int Sample, int Count);
