namespace PciBus.Management.Drain;

/// <summary>How it is planned to empty hosts.</summary>
internal sealed record DrainOptions
{
    /// <summary>Bytes of RAM that a migration copies in a second; only what is guessed goes by it. Default 1000 MiB.</summary>
    public long Speed { get; init; } = 1000L << 20;

    /// <summary>Whether virtual machines may leave the cluster. Default false (CloudStack's <c>migrate.vm.across.clusters</c>).</summary>
    public bool AcrossClusters { get; init; }

    /// <summary>How many other hosts a plan looks at. Default 200; not a setting.</summary>
    public int MostTargets { get; init; } = 200;

    public MoveEstimates Estimates => new(TimeSpan.FromSeconds(5), Speed);
}
