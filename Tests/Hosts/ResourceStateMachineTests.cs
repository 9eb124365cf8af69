using PciBus.Management.Hosts;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hosts;

public sealed class ResourceStateMachineTests
{
    /// <summary>CloudStack's table of a host's resource state, written out once more: from, event, to.</summary>
    private const string Table = """
        Creating                     | InternalCreated | Enabled
        Creating                     | Error | Error
        Enabled                      | Enable | Enabled
        Enabled                      | InternalCreated | Enabled
        Enabled                      | Disable | Disabled
        Enabled                      | AdminAskMaintenance | PrepareForMaintenance
        Enabled                      | InternalEnterMaintenance | Maintenance
        Enabled                      | DeclareHostDegraded | Degraded
        Enabled                      | DeleteHost | Disabled
        Disabled                     | Enable | Enabled
        Disabled                     | Disable | Disabled
        Disabled                     | InternalCreated | Disabled
        Disabled                     | DeclareHostDegraded | Degraded
        Disabled                     | DeleteHost | Disabled
        PrepareForMaintenance        | InternalEnterMaintenance | Maintenance
        PrepareForMaintenance        | AdminCancelMaintenance | Enabled
        PrepareForMaintenance        | UnableToMigrate | ErrorInPrepareForMaintenance
        PrepareForMaintenance        | UnableToMaintain | ErrorInMaintenance
        PrepareForMaintenance        | InternalCreated | PrepareForMaintenance
        ErrorInPrepareForMaintenance | InternalCreated | ErrorInPrepareForMaintenance
        ErrorInPrepareForMaintenance | Disable | Disabled
        ErrorInPrepareForMaintenance | DeleteHost | Disabled
        ErrorInPrepareForMaintenance | InternalEnterMaintenance | Maintenance
        ErrorInPrepareForMaintenance | AdminCancelMaintenance | Enabled
        ErrorInPrepareForMaintenance | UnableToMigrate | ErrorInPrepareForMaintenance
        ErrorInPrepareForMaintenance | UnableToMaintain | ErrorInMaintenance
        ErrorInPrepareForMaintenance | ErrorsCorrected | PrepareForMaintenance
        ErrorInMaintenance           | InternalCreated | ErrorInMaintenance
        ErrorInMaintenance           | AdminAskMaintenance | PrepareForMaintenance
        ErrorInMaintenance           | Disable | Disabled
        ErrorInMaintenance           | DeleteHost | Disabled
        ErrorInMaintenance           | AdminCancelMaintenance | Enabled
        Maintenance                  | AdminCancelMaintenance | Enabled
        Maintenance                  | InternalCreated | Maintenance
        Maintenance                  | DeleteHost | Disabled
        Maintenance                  | DeclareHostDegraded | Degraded
        Degraded                     | DeleteHost | Disabled
        Degraded                     | EnableDegradedHost | Enabled
        Degraded                     | AdminAskMaintenance | Maintenance
        Error                        | InternalCreated | Error
        """;

    [Fact]
    public void LifeCycle_IsCloudStacksTable() => Assert.Equal(
        TransitionTable.Read<ResourceState, ResourceEvent>(Table), TransitionTable.Of<ResourceState, ResourceEvent>(ResourceStateMachine.TryNext));
}
