using Microsoft.EntityFrameworkCore;
using PciBus.Management;
using PciBus.Management.Accounts;
using PciBus.Management.Drain;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;

namespace PciBus.Tests.Simulation.World;

/// <summary>What an operator does to hosts and devices, in one transaction each, as the API's commands do it.</summary>
internal sealed class ClusterOperator(
    PciBusDbContext database,
    HostStateManager states,
    HostAdministrationManager administration,
    PciDeviceAdministrationManager devices,
    HostReconnectManager reconnects,
    HostMaintenanceManager maintenances)
{
    public async Task SetHostAsync(string guid, bool enabled)
    {
        var host = await database.Set<Host>().SingleOrDefaultAsync(row => row.Guid == guid);
        if (host is not null) await states.MoveAsync(host, enabled ? ResourceEvent.Enable : ResourceEvent.Disable, CancellationToken.None);
    }

    /// <returns>Why not; null also when the host is not known yet.</returns>
    public async Task<Refusal?> PrepareAsync(string guid, PciStrategy strategy)
    {
        var host = await database.Set<Host>().AsNoTracking().SingleOrDefaultAsync(row => row.Guid == guid);
        if (host is null) return null;
        var request = new JobRequest("prepareHostForMaintenance", Caller.Admin, EventTypes.MaintenancePrepare, $"emptying {guid}");
        return (await maintenances.BeginAsync(host.Id, strategy, request, CancellationToken.None)).Refusal;
    }

    /// <returns>Why not; null also when the host is not known yet.</returns>
    public async Task<Refusal?> CancelMaintenanceAsync(string guid)
    {
        var host = await database.Set<Host>().AsNoTracking().SingleOrDefaultAsync(row => row.Guid == guid);
        if (host is null) return null;
        var request = new JobRequest("cancelHostMaintenance", Caller.Admin, EventTypes.MaintenanceCancel, $"no longer emptying {guid}");
        return (await maintenances.CancelAsync(host.Id, request, CancellationToken.None)).Refusal;
    }

    public async Task DeclareDownAsync(string guid)
    {
        var host = await database.Set<Host>().AsNoTracking().SingleOrDefaultAsync(row => row.Guid == guid);
        if (host is not null) await administration.DeclareDownAsync(host.Id, forced: false, Caller.Admin, CancellationToken.None);
    }

    public async Task ReconnectAsync(string guid)
    {
        var host = await database.Set<Host>().AsNoTracking().SingleOrDefaultAsync(row => row.Guid == guid);
        if (host is null) return;
        var request = new JobRequest(HostReconnectManager.Command, Caller.Admin, EventTypes.HostReconnect, "reconnecting a host");
        await reconnects.BeginAsync(host.Id, request, CancellationToken.None);
    }

    public Task SetDeviceAsync(long id, bool enabled) => devices.EnableAsync(id, enabled, Caller.Admin, CancellationToken.None);

    public Task ReleaseFromQuarantineAsync(long id) => devices.BeginReleaseAsync(
        id, new JobRequest("releasePciDevice", Caller.Admin, EventTypes.PciDeviceRelease, "checking a device"), CancellationToken.None);
}
