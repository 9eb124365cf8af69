using static PciBus.Management.Hosts.ResourceEvent;
using static PciBus.Management.Hosts.ResourceState;

namespace PciBus.Management.Hosts;

/// <summary>The life cycle of what the operator wants of a host: CloudStack's table, as data.</summary>
internal static class ResourceStateMachine
{
    private static readonly Dictionary<(ResourceState, ResourceEvent), ResourceState> Transitions = new()
    {
        [(Creating, InternalCreated)] = Enabled,
        [(Creating, ResourceEvent.Error)] = ResourceState.Error,
        [(Enabled, Enable)] = Enabled,
        [(Enabled, InternalCreated)] = Enabled,
        [(Enabled, Disable)] = Disabled,
        [(Enabled, AdminAskMaintenance)] = PrepareForMaintenance,
        [(Enabled, InternalEnterMaintenance)] = ResourceState.Maintenance,
        [(Enabled, DeclareHostDegraded)] = Degraded,
        [(Enabled, DeleteHost)] = Disabled,
        [(Disabled, Enable)] = Enabled,
        [(Disabled, Disable)] = Disabled,
        [(Disabled, InternalCreated)] = Disabled,
        [(Disabled, DeclareHostDegraded)] = Degraded,
        [(Disabled, DeleteHost)] = Disabled,
        [(PrepareForMaintenance, InternalEnterMaintenance)] = ResourceState.Maintenance,
        [(PrepareForMaintenance, AdminCancelMaintenance)] = Enabled,
        [(PrepareForMaintenance, UnableToMigrate)] = ErrorInPrepareForMaintenance,
        [(PrepareForMaintenance, UnableToMaintain)] = ErrorInMaintenance,
        [(PrepareForMaintenance, InternalCreated)] = PrepareForMaintenance,
        [(ErrorInPrepareForMaintenance, InternalCreated)] = ErrorInPrepareForMaintenance,
        [(ErrorInPrepareForMaintenance, Disable)] = Disabled,
        [(ErrorInPrepareForMaintenance, DeleteHost)] = Disabled,
        [(ErrorInPrepareForMaintenance, InternalEnterMaintenance)] = ResourceState.Maintenance,
        [(ErrorInPrepareForMaintenance, AdminCancelMaintenance)] = Enabled,
        [(ErrorInPrepareForMaintenance, UnableToMigrate)] = ErrorInPrepareForMaintenance,
        [(ErrorInPrepareForMaintenance, UnableToMaintain)] = ErrorInMaintenance,
        [(ErrorInPrepareForMaintenance, ErrorsCorrected)] = PrepareForMaintenance,
        [(ErrorInMaintenance, InternalCreated)] = ErrorInMaintenance,
        [(ErrorInMaintenance, AdminAskMaintenance)] = PrepareForMaintenance,
        [(ErrorInMaintenance, Disable)] = Disabled,
        [(ErrorInMaintenance, DeleteHost)] = Disabled,
        [(ErrorInMaintenance, AdminCancelMaintenance)] = Enabled,
        [(ResourceState.Maintenance, AdminCancelMaintenance)] = Enabled,
        [(ResourceState.Maintenance, InternalCreated)] = ResourceState.Maintenance,
        [(ResourceState.Maintenance, DeleteHost)] = Disabled,
        [(ResourceState.Maintenance, DeclareHostDegraded)] = Degraded,
        [(Degraded, DeleteHost)] = Disabled,
        [(Degraded, EnableDegradedHost)] = Enabled,
        [(Degraded, AdminAskMaintenance)] = ResourceState.Maintenance,
        [(ResourceState.Error, InternalCreated)] = ResourceState.Error,
    };

    public static bool TryNext(ResourceState state, ResourceEvent @event, out ResourceState next) =>
        Transitions.TryGetValue((state, @event), out next);
}

/// <summary>What the operator wants of the host; CloudStack's <c>ResourceState</c>.</summary>
internal enum ResourceState
{
    Creating,
    Enabled,
    Disabled,
    PrepareForMaintenance,
    ErrorInPrepareForMaintenance,
    ErrorInMaintenance,
    Maintenance,
    Degraded,
    Error,
}

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
