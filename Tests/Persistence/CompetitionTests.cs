using PciBus.Contracts.VirtualMachines;
using PciBus.Management;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.Jobs;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>Two servers on one database give the same devices away, each with many hands.</summary>
public abstract class CompetitionTests : IDisposable
{
    private const int Hosts = 3;
    private const int DevicesPerHost = 8;
    private static readonly int Rounds = Environment.GetEnvironmentVariable("PCIBUS_ALL") is null ? 1 : 3;

    private readonly ManagementRig _one;
    private readonly ManagementRig _other;

    private protected CompetitionTests(DatabaseProvider provider)
    {
        _one = new ManagementRig(provider: provider);
        _other = _one.AnotherServer();
    }

    [Fact]
    public async Task EachDeviceHasOneOwner_AndWhoGetsNoneIsToldThatNothingFits()
    {
        var vms = await PrepareAsync(20, "10GE,10GE");

        await AllAtOnceAsync(vms, (act, vm) => act.StartAsync(vm));

        var jobs = _one.Read(database => database.Set<AsyncJob>().ToList());
        var placed = vms.Where(vm => new Operator(_one).Look(vm).State == VirtualMachineState.Starting).ToList();
        Assert.Equal(Hosts * DevicesPerHost / 2, placed.Count);
        Assert.Equal(vms.Count - placed.Count, jobs.Count(job => job.JobStatus == JobStatus.Failed));
        Assert.All(jobs, job => Assert.True(job.Failure is null or RefusalCause.InsufficientCapacity, job.JobResult));
        AssertClaimsAreWhole(devicesEach: 2);
    }

    [Fact]
    public async Task NothingIsLost_WhenStartsAndStopsMeet()
    {
        var vms = await PrepareAsync(16, "10GE,10GE,10GE");
        for (var round = 0; round < Rounds; round++)
        {
            await AllAtOnceAsync(vms, (act, vm) => act.StartAsync(vm));
            var running = vms.Where(vm => new Operator(_one).Look(vm).State == VirtualMachineState.Starting).ToList();
            await AllAtOnceAsync(running, (act, vm) => act.AnswerAsync(vm, Observation.Running));
            AssertClaimsAreWhole(devicesEach: 3);
            await AllAtOnceAsync(running, (act, vm) => act.StopAsync(vm));
            // Those that found nothing try again while the others leave.
            var waiting = vms.Except(running).ToList();
            await Task.WhenAll(
                AllAtOnceAsync(running, (act, vm) => act.AnswerAsync(vm, Observation.Off)),
                AllAtOnceAsync(waiting, (act, vm) => act.StartAsync(vm)));
            AssertClaimsAreWhole(devicesEach: 3);
            var started = waiting.Where(vm => new Operator(_one).Look(vm).State == VirtualMachineState.Starting).ToList();
            await AllAtOnceAsync(started, (act, vm) => act.AnswerAsync(vm, Observation.Off, result: false, notBegun: true));
            await AllAtOnceAsync(started, EndAsync);
            AssertClaimsAreWhole(devicesEach: 3);
            Assert.Equal(0, _one.Read(database => database.Set<PciDevice>().Count(device => device.InstanceId != null)));
        }
    }

    public void Dispose()
    {
        _other.Dispose();
        _one.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Each host that is tried says that it did not begin, until there is none left.</summary>
    private static async Task EndAsync(Operator act, VirtualMachine vm)
    {
        while (act.Look(vm).WorkflowId is not null) await act.AnswerAsync(vm, Observation.Off, result: false, notBegun: true);
    }

    private async Task<List<VirtualMachine>> PrepareAsync(int count, string names)
    {
        for (var host = 1; host <= Hosts; host++)
        {
            var devices = Enumerable.Range(0, DevicesPerHost).Select(function => $"28:00.{function}|10GE").ToArray();
            await _one.ConnectAsync(Announcements.Host($"kvm{host}", devices) with { Cpus = 64, Memory = 256L << 30 });
        }

        var offering = _one.Add(Rows.Offering(names, speed: 100, ram: 128));
        var vms = new List<VirtualMachine>();
        for (var i = 0; i < count; i++) vms.Add(await _one.CreateVmAsync(offering, $"vm{i}"));
        return vms;
    }

    /// <summary>Every second one on the other server.</summary>
    private Task AllAtOnceAsync(IEnumerable<VirtualMachine> vms, Func<Operator, VirtualMachine, Task> work) => Task.WhenAll(
        vms.Select((vm, index) => Task.Run(() => work(new Operator(index % 2 == 0 ? _one : _other), vm))));

    /// <summary>A VM on a host has all its devices there, and its CPU and RAM; others have nothing.</summary>
    private void AssertClaimsAreWhole(int devicesEach) => _one.Read(database =>
    {
        var vms = database.Set<VirtualMachine>().ToDictionary(vm => vm.Id);
        var owned = database.Set<PciDevice>().Where(device => device.InstanceId != null).ToList();
        var taken = database.Set<HostCapacityOfVm>().ToList();
        var placed = vms.Values.Where(vm => vm.HostId is not null && vm.State is VirtualMachineState.Starting or VirtualMachineState.Running or VirtualMachineState.Stopping).ToList();
        Assert.Equal(placed.Select(vm => (vm.Id, vm.HostId!.Value)).Order(), taken.Select(row => (row.VmId, row.HostId)).Order());
        Assert.All(placed, vm => Assert.Equal(devicesEach, owned.Count(device => device.InstanceId == vm.Id && device.HostId == vm.HostId)));
        Assert.Equal(placed.Count * devicesEach, owned.Count);
        Assert.All(database.Set<HostCapacity>().ToList(), host => Assert.Equal(
            (taken.Where(row => row.HostId == host.HostId).Sum(row => row.Cpu), taken.Where(row => row.HostId == host.HostId).Sum(row => row.Ram)),
            (host.CpuUsed, host.RamUsed)));
        return true;
    });

    [OutOfProcess]
    public sealed class OnPostgreSql() : CompetitionTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : CompetitionTests(DatabaseProvider.SqlServer);
}
