namespace PciBus.Management.Persistence;

/// <summary>What became of a message that was put on the bus.</summary>
internal enum Delivery
{
    /// <summary>It is in its queue.</summary>
    Taken,

    /// <summary>Its queue is not there; an earlier attempt may have found it.</summary>
    Returned,

    /// <summary>Its queue is not there, and it was put on the bus this once: nobody has it.</summary>
    ReturnedAtOnce,
}
