using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>
/// The database goes back to an earlier moment, under a management server that runs: a replica that lags behind takes over, or a backup is
/// restored.
/// </summary>
public abstract class DatabaseMoveTests : IDisposable
{
    private readonly MovingDatabase _database;
    private readonly ManagementRig _rig;
    private readonly Operator _act;

    private protected DatabaseMoveTests(MovingDatabase database)
    {
        _database = database;
        _rig = new ManagementRig(_database);
        _act = new Operator(_rig);
    }

    [Fact]
    public async Task WhatWasCommittedLast_IsGivenToNobodyAgain_BeforeItsHostHasSpoken()
    {
        await _rig.RunAsync((RestoreManager restore) => restore.CheckAsync(CancellationToken.None));
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var offering = _rig.Add(Rows.Offering("10GE"));
        var vm = await _rig.CreateVmAsync(offering, "vm");
        var other = await _rig.CreateVmAsync(offering, "other");
        _database.CutOff();

        // The same place, over new connections.
        var host = await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        Assert.Equal((HostStatus.Up, 2), (host.Status, host.Session));
        await _act.StartAsync(vm);
        Assert.Equal(vm.Id, Device().InstanceId);
        _database.GoBack();

        // Whatever comes first.
        await _act.StartAsync(other);
        Assert.Equal(VirtualMachineState.Stopped, _act.Look(other).State);
        Assert.Null(Device().InstanceId);
        Assert.Equal((HostStatus.Disconnected, CapacityState.Disabled), (TheHost().Status, Capacity().CapacityState));
        Assert.True(TheHost().Session > host.Session, "a session number was given out twice");
        Assert.Contains(_rig.Log.Lines, line => line.Text.StartsWith("The database is not where it was", StringComparison.Ordinal));

        // The start that nobody remembers has come to its host.
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE") with
        {
            Report = Announcements.Report("28:00.1|10GE") with { VirtualMachines = [Announcements.Domain(vm.Uuid, "28:00.1")] },
        });
        await _act.StartAsync(other);
        Assert.Equal(VirtualMachineState.Stopped, _act.Look(other).State);
        await _act.StartAsync(vm);
        Assert.Contains("was seen to run on kvm1", _act.LastJob().JobResult, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _rig.Dispose();
        _database.Dispose();
        GC.SuppressFinalize(this);
    }

    private PciDevice Device() => _rig.Read(database => database.Set<PciDevice>().Single());

    private Host TheHost() => _rig.Read(database => database.Set<Host>().Single());

    private HostCapacity Capacity() => _rig.Read(database => database.Set<HostCapacity>().Single());

    [OutOfProcess]
    public sealed class OnPostgreSql() : DatabaseMoveTests(new ReplicatedPostgreSql());

    [OutOfProcess]
    public sealed class OnSqlServer() : DatabaseMoveTests(new RestoredSqlServer());
}
