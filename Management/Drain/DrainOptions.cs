namespace PciBus.Management.Drain;

/// <summary>How the emptying of hosts is planned.</summary>
internal sealed record DrainOptions
{
    /// <summary>Virtual machines that leave one host at once. Default 2.</summary>
    public int Parallel { get; init; } = 2;

    /// <summary>After so many failures a virtual machine counts as not movable. Default 3.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>
    /// How long after its first failure a virtual machine is tried again; twice as long after each further one. Default 30 seconds.
    /// </summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of RAM that a migration copies in a second; only estimates go by it. Default 1000 MiB.</summary>
    public long Speed { get; init; } = 1000L << 20;

    /// <summary>Whether virtual machines may leave the cluster. Default false (CloudStack's <c>migrate.vm.across.clusters</c>).</summary>
    public bool AcrossClusters { get; init; }

    /// <summary>How many other hosts a plan looks at. Default 200; not a setting.</summary>
    public int MostTargets { get; init; } = 200;

    public MoveEstimates Estimates => new(TimeSpan.FromSeconds(5), Speed);
}
