using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Accounts;
using PciBus.Management.Drain;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Jobs;
using PciBus.Management.Reconciliation;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>What becomes of hosts that are not heard, or not trusted: entries of the <see cref="Catalogue"/>.</summary>
internal static class HostCatalogue
{
    public static async Task FenceAsync(ManagementRig rig)
    {
        var fencing = rig.Get<FencingManager>();
        // The other host is not heard either.
        await FenceAsync(4, null);
        await rig.ConnectAsync(Announcements.Host("kvm2"));
        await FenceAsync(1, new FencingFailure("exit code 1", null));
        await FenceAsync(1, null);
        Assert.Equal((2, HostStatus.Down), (rig.Fencing.Attempts.Count, rig.Read(database => database.Set<Host>().Single(host => host.Guid == "kvm1")).Status));

        async Task FenceAsync(int minutes, FencingFailure? failure)
        {
            rig.Fencing.Answer = _ => Task.FromResult(failure);
            rig.Time.Advance(TimeSpan.FromMinutes(minutes));
            rig.Execute("UPDATE host SET status = 'Alert', fence_at = created WHERE guid = 'kvm1'");
            await fencing.FenceAsync(CancellationToken.None);
        }
    }

    public static async Task ReconnectAsync(ManagementRig rig)
    {
        var request = new JobRequest(HostReconnectManager.Command, Caller.Admin, EventTypes.HostReconnect, "reconnecting a host");
        foreach (var hostId in rig.Read(database => database.Set<Host>().Select(host => host.Id).ToList()))
        {
            await rig.RunAsync((HostReconnectManager reconnects) => reconnects.BeginAsync(hostId, request, CancellationToken.None));
        }

        await rig.ConnectAsync(Announcements.Host("kvm1"));
        rig.Time.Advance(TimeSpan.FromHours(1));
        await rig.Get<ReconciliationManager>().EndOverdueReconnectsAsync(CancellationToken.None);
        Assert.Equal(1, rig.Read(database => database.Set<AsyncJob>().Count(job => job.JobStatus == JobStatus.Failed)));

        rig.Execute("UPDATE host SET status = 'Alert'");
        var kvm1 = rig.Read(database => database.Set<Host>().Single(host => host.Guid == "kvm1")).Id;
        await rig.RunAsync((HostDegradationManager hosts) => hosts.DeclareAsync(kvm1, request, CancellationToken.None));
        await rig.RunAsync((HostDegradationManager hosts) => hosts.CancelAsync(kvm1, request, CancellationToken.None));
    }

    public static async Task MaintainAsync(ManagementRig rig, Operator act)
    {
        var vm = await act.RunAsync();
        var host = rig.Read(database => database.Set<Host>().Single(row => row.Id == act.Look(vm).HostId));
        var request = new JobRequest("prepareHostForMaintenance", Caller.Admin, EventTypes.MaintenancePrepare, "preparing a host for maintenance");
        foreach (var strategy in Enum.GetValues<PciStrategy>())
        {
            await rig.TryAsync(async (HostMaintenanceManager hosts) => (await hosts.BeginAsync(host.Id, strategy, request, CancellationToken.None)).Refusal);
            if (strategy == PciStrategy.Stop) break;
            await rig.TryAsync(async (HostMaintenanceManager hosts) => (await hosts.CancelAsync(host.Id, request, CancellationToken.None)).Refusal);
        }

        await rig.Get<DrainManager>().DrainAsync(CancellationToken.None);
        await act.AnswerAsync(vm, Observation.Running, result: false);
        for (var round = 0; round < 2; round++)
        {
            rig.Time.Advance(TimeSpan.FromMinutes(1));
            await rig.Get<DrainManager>().DrainAsync(CancellationToken.None);
        }

        await act.AnswerAsync(vm, Observation.Off);
        await rig.Get<DrainManager>().DrainAsync(CancellationToken.None);
        Assert.Equal(ResourceState.Maintenance, rig.Read(database => database.Set<Host>().Single(row => row.Id == host.Id)).ResourceState);
    }
}
