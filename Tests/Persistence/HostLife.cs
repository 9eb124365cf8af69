using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.Accounts;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Hosts.Liveness;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Management.Workflows.StartVirtualMachine;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Hosts that fall silent, are declared down and come back, and who runs there.</summary>
internal sealed class HostLife : IDisposable
{
    public static readonly HostOptions Options = new() { PingInterval = ManagementRig.HostOptions.PingInterval };

    /// <summary>A host that was not heard for so long is asked.</summary>
    public static readonly TimeSpan Behind =
        (Options.PingInterval * (double)Options.PingTimeout) + HostLivenessJob.About.Interval + TimeSpan.FromSeconds(1);

    public HostLife(DatabaseProvider provider)
    {
        Rig = new ManagementRig(provider: provider);
        Act = new Operator(Rig);
    }

    public ManagementRig Rig { get; }

    public Operator Act { get; }

    /// <summary>A virtual machine with a device ran on the first of two hosts; that one was declared down, and left.</summary>
    public async Task<(Host First, Host Second, VirtualMachine Vm)> LostAsync(bool highlyAvailable)
    {
        var first = await Rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var offering = Rows.Offering("10GE");
        offering.HaEnabled = highlyAvailable;
        var vm = await Rig.CreateVmAsync(Rig.Add(offering));
        await Act.StartAsync(vm);
        await Act.AnswerAsync(vm, Observation.Running);
        var second = await Rig.ConnectAsync(Announcements.Host("kvm2", "28:00.1|10GE"));
        await LoseAsync(first);
        await Rig.RunJobAsync<DownHostsJob>();
        return (first, second, vm);
    }

    public async Task LoseAsync(Host host)
    {
        await Rig.Agents.ShutdownAsync(new ShutdownCommand { HostGuid = host.Guid, Session = host.Session, Sequence = 150 }, CancellationToken.None);
        Assert.Null(await DeclareDownAsync(host));
    }

    /// <summary>The first host announces itself; the virtual machine runs there yet.</summary>
    public Task<Host> ComesBackWithAsync(VirtualMachine vm)
    {
        var startup = Announcements.Host("kvm1", "28:00.1|10GE");
        return Rig.ConnectAsync(startup with { Report = startup.Report with { VirtualMachines = [Announcements.Domain(vm.Uuid, "28:00.1")] } });
    }

    public async Task<Host> SilentAsync(string guid)
    {
        var host = await Rig.ConnectAsync(Announcements.Host(guid));
        await InvestigateAfterAsync(Behind + Options.PingInterval);
        Assert.Equal(HostStatus.Alert, Look(host).Status);
        return host;
    }

    public async Task InvestigateAfterAsync(TimeSpan time)
    {
        Rig.Pass(time);
        await Rig.RunJobAsync<HostInvestigationJob>();
        await Rig.DeliverAsync();
    }

    /// <summary>Hosts that are down are left, and what is highly available is started elsewhere.</summary>
    public async Task LeaveDownHostsAsync()
    {
        await Rig.RunJobAsync<DownHostsJob>();
        await Rig.RunJobAsync<RestartsJob>();
    }

    public Task<Refusal?> DeclareDownAsync(Host host, bool forced = false) =>
        Rig.TryAsync((HostAdministrationManager hosts) => hosts.DeclareDownAsync(host.Id, forced, Caller.Admin, CancellationToken.None));

    public Task PingAsync(Host host, long sequence) => Rig.Agents.PingAsync(
        Announcements.Ping(host.Guid, Announcements.Report("28:00.1|10GE"), host.Session, sequence) with { SentAt = Rig.Time.GetUtcNow() },
        CancellationToken.None);

    public Host Look(Host host) => Rig.Read(database => database.Set<Host>().Single(row => row.Id == host.Id));

    public CapacityState Capacity(Host host) => Rig.Read(database => database.Set<HostCapacity>().Single(row => row.HostId == host.Id)).CapacityState;

    public PciDevice DeviceOf(Host host) => Rig.Read(database => database.Set<PciDevice>().Single(row => row.HostId == host.Id));

    public Alert Standing(AlertType type) => Rig.Read(database => database.Set<Alert>().Single(row => row.Type == type));

    public void Dispose() => Rig.Dispose();
}
