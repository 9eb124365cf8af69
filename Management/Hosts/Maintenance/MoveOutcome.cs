namespace PciBus.Management.Hosts.Maintenance;

/// <summary>What a plan says of a virtual machine on a host that is to be emptied.</summary>
internal enum MoveOutcome
{
    /// <summary>It moves while it runs, and notices nothing.</summary>
    Live,

    /// <summary>It moves while it runs, and is without its devices meanwhile.</summary>
    DetachAttach,

    /// <summary>It leaves by itself: it is stopping, or moving already.</summary>
    Leaves,

    /// <summary>It can move when another virtual machine has left.</summary>
    Waits,

    /// <summary>It cannot move.</summary>
    Cannot,
}
