namespace PciBus.Management.Workflows;

/// <summary>How patient workflows are. No safety rests on it: only how soon callers are told, and hosts asked again.</summary>
internal sealed record WorkflowOptions
{
    /// <summary>Hosts a start tries before it gives up. Default 10 (CloudStack's <c>start.retry</c>).</summary>
    public int StartRetry { get; init; } = 10;

    /// <summary>How long a host may take to start, reboot or check. Default 2 minutes.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a guest may take to shut down. Default 1 minute; its command waits 30 seconds longer.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a guest may take to let go of its devices, all together. Default 30 seconds.</summary>
    public TimeSpan DetachWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>After how long a migration that has not ended is given up. Default 1 hour (CloudStack's <c>migratewait</c>).</summary>
    public TimeSpan MigrateWait { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Whether migrations may leave the cluster. Default false (CloudStack's <c>migrate.vm.across.clusters</c>).</summary>
    public bool MigrateAcrossClusters { get; init; }

    /// <summary>How soon a host that could not say is asked again. Default 5 seconds.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long after a failed attach to a virtual machine that lacks the device the next attach is tried; each time twice as long, up to
    /// 16 times. Default 1 minute.
    /// </summary>
    public TimeSpan RepairRetryInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>When a job ends although its host has not spoken. Default 10 minutes (CloudStack's <c>vm.job.timeout</c>).</summary>
    public TimeSpan JobTimeout { get; init; } = TimeSpan.FromMinutes(10);
}
