namespace PciBus.Management.Hosts;

/// <summary>What changes a <see cref="ResourceState"/>; CloudStack's <c>ResourceState.Event</c>.</summary>
internal enum ResourceEvent
{
    InternalCreated,
    Enable,
    Disable,
    AdminAskMaintenance,
    AdminCancelMaintenance,
    InternalEnterMaintenance,
    UnableToMigrate,
    UnableToMaintain,
    ErrorsCorrected,
    DeclareHostDegraded,
    EnableDegradedHost,
    Error,
    DeleteHost,
}
