using System.Collections.Immutable;

namespace PciBus.Management.Workflows.StartVirtualMachine;

/// <summary>What a start has done so far.</summary>
internal sealed record StartDocument
{
    /// <summary>The one host the caller wants; null for any.</summary>
    public long? HostId { get; init; }

    /// <summary>The one cluster the caller wants; null for any.</summary>
    public long? ClusterId { get; init; }

    /// <summary>
    /// Number of the last command before this start: its own StartCommands have higher ones. Null when nobody has noted it.
    /// </summary>
    public long? After { get; init; }

    /// <summary>Hosts that were tried, with what went wrong there.</summary>
    public ImmutableSortedDictionary<long, string> Tried { get; init; } = ImmutableSortedDictionary<long, string>.Empty;

    /// <summary>How many of them were not even reached: they do not count as attempts.</summary>
    public int NotReached { get; init; }

    /// <summary>Why the last host failed; null while none has.</summary>
    public string? LastFailure { get; init; }

    /// <summary>Why it must not go on; null while it may.</summary>
    public string? Cancelled { get; init; }
}

internal enum StartStep
{
    Begin,

    /// <summary>A host is being looked for.</summary>
    Planning,

    /// <summary>The chosen host was told to start it.</summary>
    Starting,

    /// <summary>The host was asked what it sees, after a start that nobody knows the end of.</summary>
    Checking,

    /// <summary>Another host runs the virtual machine, as its report says: that one was asked.</summary>
    Doubting,

    /// <summary>The host was told to make sure it is off, with clean devices.</summary>
    CleaningUp,
}
