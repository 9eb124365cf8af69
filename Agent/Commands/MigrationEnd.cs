namespace PciBus.Agent.Commands;

/// <summary>How a migration ended, as far as its source can tell.</summary>
internal enum MigrationEnd
{
    /// <summary>It cannot tell.</summary>
    Unknown,

    /// <summary>The hypervisor has completed it, and the domain is not here any more.</summary>
    Gone,

    /// <summary>It failed, and the domain is still here.</summary>
    Here,
}
