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
    /// Number of the last command before this start: the StartCommands of this start have higher numbers. Null when nobody has noted it.
    /// </summary>
    public long? After { get; init; }

    /// <summary>Hosts that were tried, with what went wrong there.</summary>
    public ImmutableSortedDictionary<long, string> Tried { get; init; } = ImmutableSortedDictionary<long, string>.Empty;

    /// <summary>How many of the tried hosts were not even reached: they do not count as attempts.</summary>
    public int NotReached { get; init; }

    /// <summary>Why the last host failed; null while none has.</summary>
    public string? LastFailure { get; init; }

    /// <summary>Why the start must not go on; null while it may.</summary>
    public string? Cancelled { get; init; }
}

internal enum StartStep
{
    Begin,

    /// <summary>A host is being looked for.</summary>
    Planning,

    /// <summary>The chosen host was told to start the virtual machine.</summary>
    Starting,

    /// <summary>The host was asked what it sees, after a start that nobody knows the end of.</summary>
    Checking,

    /// <summary>Another host's report says that it runs the virtual machine: that other host was asked.</summary>
    Doubting,

    /// <summary>The host was told to make sure that the virtual machine is off, with clean devices.</summary>
    CleaningUp,
}
