using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Fencing;
using PciBus.Management.Hosts.Joining;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.Hosts.Maintenance;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>What becomes of hosts that are not heard, or not trusted: entries of the <see cref="Catalogue"/>.</summary>
internal static class HostCatalogue
{
    public static async Task FenceAsync(ManagementRig rig)
    {
        // The other host is not heard either.
        await FenceAsync(4, null);
        await rig.ConnectAsync(Announcements.Host("kvm2"));
        await FenceAsync(1, new FencingFailure("exit code 1", null));
        await FenceAsync(1, null);
        Assert.Equal((2, HostStatus.Down), (rig.Fencing.Attempts.Count, rig.Read(database => database.Set<Host>().Single(host => host.Guid == "kvm1")).Status));

        async Task FenceAsync(int minutes, FencingFailure? failure)
        {
            rig.Fencing.Answer = _ => Task.FromResult(failure);
            rig.Pass(TimeSpan.FromMinutes(minutes));
            rig.Execute("UPDATE host SET status = 'Alert', fence_at = created WHERE guid = 'kvm1'");
            await rig.RunJobAsync<FencingJob>();
        }
    }

    /// <summary>Two devices swap their addresses, and one goes where an entry was that nobody has seen a device of.</summary>
    public static async Task RenumberAsync(ManagementRig rig)
    {
        await BootAsync("boot-1", Device("28:00.1", "s1"), Device("28:00.2", "s2"), Device("28:00.3", "s3"), Device("28:00.4", null));
        await BootAsync("boot-2", Device("28:00.1", "s2"), Device("28:00.2", "s1"), Device("28:00.4", "s3"));
        Assert.Equal(
            ["s1 at 0000:28:00.2", "s2 at 0000:28:00.1", "s3 at 0000:28:00.4"],
            rig.Read(database => database.Set<PciDevice>().Where(device => device.Serial != null).OrderBy(device => device.Serial).ToList())
                .Select(device => $"{device.Serial} at {device.Address}"));

        Task<Host> BootAsync(string boot, params PciDeviceTO[] devices)
        {
            var startup = Announcements.Host("kvm4");
            return rig.ConnectAsync(startup with { Report = startup.Report with { BootId = boot, PciDevices = devices } });
        }

        static PciDeviceTO Device(string address, string? serial) => Announcements.Device($"{address}|10GE") with { Serial = serial };
    }

    public static Task RaiseAlertAsync(ManagementRig rig) => rig.RunAsync((AlertManager alerts) =>
        alerts.RaiseAsync(AlertType.DeadLetter, "a message", "its body", null, null, CancellationToken.None));

    public static async Task EndAlertsAsync(ManagementRig rig)
    {
        var now = rig.Time.GetUtcNow();
        foreach (var choice in new AlertChoice[] { new([1], AlertType.DeadLetter, now, now), new(null, AlertType.DeadLetter, null, null), new(null, null, null, now) })
        {
            rig.Add(new Alert { Id = 1, Uuid = Guid.NewGuid(), Type = AlertType.DeadLetter, Subject = "a message", Body = "its body", Created = now });
            Assert.Null(await rig.TryAsync((AlertArchiveManager alerts) => alerts.ArchiveAsync(choice, CancellationToken.None)));
            Assert.Null(await rig.TryAsync((AlertArchiveManager alerts) => alerts.DeleteAsync(choice, CancellationToken.None)));
        }

        await rig.RunAsync((AlertManager alerts) => alerts.EndAsync(AlertType.RestartFailed, 1, CancellationToken.None));
        await rig.RunAsync((AlertManager alerts) => alerts.EndAllOfVmAsync(1, CancellationToken.None));
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
        await rig.RunJobAsync<OverdueReconnectsJob>();
        Assert.Equal(1, rig.Read(database => database.Set<AsyncJob>().Count(job => job.JobStatus == JobStatus.Failed)));

        rig.Execute("UPDATE host SET status = 'Alert'");
        var kvm1 = rig.Read(database => database.Set<Host>().Single(host => host.Guid == "kvm1")).Id;
        await rig.RunAsync((HostDegradationManager hosts) => hosts.DeclareAsync(kvm1, request, CancellationToken.None));
        await rig.RunAsync((HostDegradationManager hosts) => hosts.CancelAsync(kvm1, request, CancellationToken.None));
    }

    public static async Task CopyAsync(ManagementRig rig, Operator act)
    {
        var vm = await act.RunAsync();
        var other = rig.Read(database => database.Set<Host>().Single(row => row.Id != act.Look(vm).HostId));
        var report = Announcements.Report() with { VirtualMachines = [Announcements.Domain(vm.Uuid)] };
        await rig.Agents.PingAsync(Announcements.Ping(other.Guid, report, other.Session, 2), CancellationToken.None);
        Assert.NotEmpty(rig.Read(database => database.Set<Sighting>().ToList()));
        await rig.Agents.PingAsync(Announcements.Ping(other.Guid, Announcements.Report() with { VirtualMachines = [] }, other.Session, 3), CancellationToken.None);
        await act.AnswerAsync(vm, Observation.Off);
        Assert.Empty(rig.Read(database => database.Set<Sighting>().ToList()));
    }

    /// <summary>Servers write down whom they heard, and one that does not is forgotten.</summary>
    public static async Task WriteHeardAsync(ManagementRig rig)
    {
        await rig.Get<HeardHosts>().WriteAllAsync(CancellationToken.None);
        await rig.RunAsync(async (HeardHostsManager hosts) =>
        {
            await hosts.WriteAsync([1], CancellationToken.None);
            await hosts.ForgetAsync("another", 1, CancellationToken.None);
            return true;
        });
        await rig.RunAsync((HostJoinManager joins) => joins.LivingAsync(["kvm1"], CancellationToken.None));
        await rig.RunAsync((ClockStepManager steps) => steps.PullBackAsync(CancellationToken.None));
    }
}
