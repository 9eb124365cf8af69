namespace PciBus.Management;

/// <summary>Why something is refused; the API maps each to CloudStack's codes.</summary>
internal enum RefusalCause
{
    /// <summary>The request itself is wrong, or does not fit the state of the object.</summary>
    InvalidParameter,

    /// <summary>No host has what is asked for.</summary>
    InsufficientCapacity,

    /// <summary>A host does not answer.</summary>
    AgentUnavailable,

    /// <summary>A host did not answer in time.</summary>
    OperationTimedOut,

    /// <summary>The object is still used.</summary>
    ResourceInUse,

    /// <summary>Another transaction changed the object at the same time.</summary>
    ConcurrentChange,

    /// <summary>A host tried and failed.</summary>
    OperationFailed,
}
