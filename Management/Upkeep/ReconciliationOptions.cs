namespace PciBus.Management.Upkeep;

/// <summary>How often each reconciliation job runs, and how long what is over is kept.</summary>
internal sealed record ReconciliationOptions
{
    /// <summary>How often each server writes down which hosts it heard. Default 5 seconds.</summary>
    public TimeSpan HostLiveness { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Default 5 seconds.</summary>
    public TimeSpan HostInvestigation { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Default 5 seconds.</summary>
    public TimeSpan HostDown { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Default 5 seconds.</summary>
    public TimeSpan HostMaintenance { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Default 5 seconds.</summary>
    public TimeSpan HostFencing { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Default 10 seconds.</summary>
    public TimeSpan HostReconnects { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Default 10 seconds.</summary>
    public TimeSpan BrokerUsers { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Default 1 hour.</summary>
    public TimeSpan BrokerExchanges { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Default 5 seconds.</summary>
    public TimeSpan HaRestart { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Default 1 second.</summary>
    public TimeSpan WorkflowOverdue { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Default 30 seconds.</summary>
    public TimeSpan WorkflowParked { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Default 30 seconds.</summary>
    public TimeSpan WorkflowOrphans { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the next page of hosts is looked at. Default 10 seconds.</summary>
    public TimeSpan Claims { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the next page of hosts is looked at. Default 10 seconds.</summary>
    public TimeSpan Capacity { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often virtual machines that lack a device are looked for. Default 5 seconds.</summary>
    public TimeSpan Degraded { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Default 10 seconds.</summary>
    public TimeSpan DeviceJobs { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Default 2 seconds.</summary>
    public TimeSpan Outbox { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Default 1 minute.</summary>
    public TimeSpan CommitMarkers { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Default 1 hour.</summary>
    public TimeSpan PlacementClasses { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Default 1 hour.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long events are kept; zero is for ever. Default 90 days.</summary>
    public TimeSpan EventPurgeDelay { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long resolved alerts are kept; zero is for ever. Default 90 days.</summary>
    public TimeSpan AlertPurgeDelay { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long jobs are kept after their end; zero is for ever. Default 30 days.</summary>
    public TimeSpan JobPurgeDelay { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long the history of devices is kept; zero is for ever. Default 365 days.</summary>
    public TimeSpan PciDeviceHistoryPurgeDelay { get; init; } = TimeSpan.FromDays(365);

    /// <summary>How long join tokens are kept after they expired; zero is for ever. Default 30 days.</summary>
    public TimeSpan HostJoinTokenPurgeDelay { get; init; } = TimeSpan.FromDays(30);
}
