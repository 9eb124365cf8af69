using Microsoft.EntityFrameworkCore;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>What reports of devices change in the database. They never free one.</summary>
public abstract class ReportTests : IDisposable
{
    private readonly ManagementRig _rig;
    private Host? _host;
    private long _sequence = 1;

    private protected ReportTests(DatabaseProvider provider) => _rig = new ManagementRig(provider: provider);

    [Fact]
    public async Task Devices_AreAddedRenamedAndRemoved_AsReported()
    {
        await ConnectAsync("28:00.1|10GE", "28:00.2|10GE");

        await ReportAsync("28:00.1|fast", "29:00.0|GPU");

        Assert.Equal(
            ["0000:28:00.1 fast", "0000:29:00.0 GPU"],
            Devices().Select(device => $"{device.Address} {device.Name}").Order());
        var story = _rig.Read(database => database.Set<PciDeviceHistory>().OrderBy(line => line.Id).Select(line => line.What).ToList());
        Assert.Equal(3, story.Count(what => what == PciDeviceChange.Discovered));
        Assert.Contains(PciDeviceChange.Renamed, story);
        Assert.Contains(PciDeviceChange.Removed, story);
    }

    [Fact]
    public async Task ClaimedDevice_KeepsItsOwner_WhateverIsReported()
    {
        await ConnectAsync("28:00.1|10GE");
        var owner = Own("28:00.1");

        await ReportAsync();
        Assert.Equal((owner, false, true), (Devices().Single().InstanceId, Devices().Single().Configured, Devices().Single().Present));

        await ReportAsync("28:00.1|fast");
        Assert.Equal((owner, "fast", "10GE"), (Devices().Single().InstanceId, Devices().Single().Name, Devices().Single().ClaimedName));

        await ReportAsync(Announcements.Report() with { PciDevices = [Announcements.Device("28:00.1|fast") with { Present = false }] });
        Assert.Equal((owner, false), (Devices().Single().InstanceId, Devices().Single().Present));
        Assert.Contains(Standing(), alert => alert.Type == AlertType.PciDeviceMissing);
    }

    /// <summary>The alert tells why; nothing is released, and nobody else gets the device when its owner stops.</summary>
    [Fact]
    public async Task UnusableDevice_KeepsItsOwner_WithAnAlert()
    {
        await ConnectAsync("28:00.1|10GE");
        var owner = Own("28:00.1");
        var unusable = Announcements.Device("28:00.1|10GE") with { Unusable = "0000:28:00.1 does not answer" };

        await ReportAsync(Announcements.Report() with { PciDevices = [unusable] });

        var device = Devices().Single();
        Assert.Equal(
            (owner, "0000:28:00.1 does not answer", PciDeviceHealth.Good), (device.InstanceId, device.Unusable, device.Health));
        var alert = Assert.Single(Standing(), alert => alert.Type == AlertType.PciDeviceUnusable);
        Assert.Contains("0000:28:00.1 (10GE) is in use and can be given to nobody any more", alert.Subject, StringComparison.Ordinal);
        Assert.Equal("0000:28:00.1 does not answer. It keeps its owner.", alert.Body);
    }

    [Fact]
    public async Task UnusableDevice_IsNoRoomForAnybody()
    {
        await ConnectAsync("28:00.1|10GE", "28:00.2|10GE");
        var report = Announcements.Report("28:00.1|10GE", "28:00.2|10GE");
        Assert.Equal("10GE|2", ClassOf(Capacity()).PciDevices);

        await ReportAsync(report with { PciDevices = [report.PciDevices![0] with { Unusable = "it is a bridge" }, report.PciDevices[1]] });
        Assert.Equal("10GE|1", ClassOf(Capacity()).PciDevices);

        await ReportAsync(report);
        Assert.Equal("10GE|2", ClassOf(Capacity()).PciDevices);
    }

    /// <summary>A card is pulled, and another is put into its slot.</summary>
    [Fact]
    public async Task AnotherDevice_IsQuarantined_WhenNoneWasSeenInBetween()
    {
        await ConnectAsync("28:00.1|10GE");
        await ReportAsync(Announcements.Report() with { PciDevices = [new PciDeviceTO { Address = PciAddress.Parse("28:00.1"), Name = "10GE", Present = false }] });
        Assert.Equal(("8086", false), (Devices().Single().VendorId, Devices().Single().Present));

        await ReportAsync(Announcements.Report() with { PciDevices = [Announcements.Device("28:00.1|10GE") with { ProductId = "1533" }] });

        Assert.Equal((PciDeviceHealth.Quarantined, true), (Devices().Single().Health, Devices().Single().Present));
    }

    [Fact]
    public async Task OperatorsName_StaysWhenTheReportedOneChanges()
    {
        await ConnectAsync("28:00.1|10GE");
        _rig.Execute("UPDATE op_host_pci_devices SET name_override = 'mine', name = 'mine'");

        await ReportAsync("28:00.1|fast");

        Assert.Equal(("mine", "fast"), (Devices().Single().Name, Devices().Single().ReportedName));
    }

    [Fact]
    public async Task AnotherDeviceAtTheSameAddress_IsQuarantined_WithAnAlert()
    {
        await ConnectAsync("28:00.1|10GE");

        await ReportAsync(Announcements.Report() with { PciDevices = [Announcements.Device("28:00.1|10GE") with { ProductId = "1533" }] });

        Assert.Equal(PciDeviceHealth.Quarantined, Devices().Single().Health);
        Assert.Contains("instead of 8086:10ed", Devices().Single().HealthReason, StringComparison.Ordinal);
        Assert.Contains(Standing(), alert => alert.Type == AlertType.PciDeviceQuarantined);
    }

    [Fact]
    public async Task OlderReport_IsIgnored()
    {
        await ConnectAsync("28:00.1|10GE");
        _sequence = 5;
        await ReportAsync("28:00.1|10GE", "28:00.2|10GE");

        await _rig.Agents.PingAsync(
            Announcements.Ping("kvm1", Announcements.Report("28:00.3|10GE"), _host!.Session, 4), CancellationToken.None);

        Assert.Equal(2, Devices().Count);
        Assert.DoesNotContain(Devices(), device => device.Function == 3);
    }

    [Fact]
    public async Task ReportOfAnotherSession_IsDropped_AndTheAgentAskedToAnnounceItself()
    {
        await ConnectAsync("28:00.1|10GE");

        await _rig.Agents.PingAsync(Announcements.Ping("kvm1", Announcements.Report(), _host!.Session + 1, 9), CancellationToken.None);

        Assert.Single(Devices());
        Assert.Equal((true, _host.Session + 1), (_rig.Bus.Last<PingAnswer>().SendStartup, _rig.Bus.Last<PingAnswer>().Session));
    }

    [Fact]
    public async Task UnchangedReport_WritesNothing()
    {
        await ConnectAsync("28:00.1|10GE");
        await ReportAsync("28:00.1|10GE");
        var before = Dump();

        await ReportAsync("28:00.1|10GE");

        Assert.Equal(before, Dump());
    }

    [Fact]
    public async Task Report_IsStoredAgain_WhenAClaimChangedADeviceMeanwhile()
    {
        await ConnectAsync("28:00.1|10GE");
        await ReportAsync("28:00.1|10GE");
        Assert.NotNull(Capacity().ReportHash);

        await _rig.RunAsync((PlacementClassManager classes) => classes.RefreshAsync(_host!.Id, CancellationToken.None));

        Assert.Null(Capacity().ReportHash);
    }

    [Fact]
    [ShowsEndOf(AlertType.BadPciDeviceEntry)]
    [ShowsEndOf(AlertType.AgentProperties)]
    public async Task BadEntries_AreAlerts_UntilTheyAreGone()
    {
        var bad = new BadPciDeviceEntry { Entry = "28:20.1|x", Position = 2, Reason = "slot 20 is above 1f" };
        await ConnectAsync("28:00.1|10GE");

        await ReportAsync(Announcements.Report("28:00.1|10GE") with { BadPciDevices = [bad], Warnings = ["agent.properties cannot be read"] });
        await ReportAsync(Announcements.Report("28:00.1|10GE") with { BadPciDevices = [bad], Warnings = ["agent.properties cannot be read"] });
        Assert.Equal([AlertType.BadPciDeviceEntry, AlertType.AgentProperties], Standing().Select(alert => alert.Type));
        Assert.Contains("entry 2 \"28:20.1|x\"", Standing()[0].Subject, StringComparison.Ordinal);
        Assert.Equal(
            ("kvm1: agent.properties cannot be read", "Devices or domains that it cannot list count as it has said before, until its report has no such warning."),
            (Standing()[1].Subject, Standing()[1].Body));

        await ReportAsync("28:00.1|10GE");
        Assert.Empty(Standing());
        Assert.Equal(2, _rig.Read(database => database.Set<Alert>().Count(alert => alert.Resolved != null)));
    }

    [Fact]
    [ShowsEndOf(AlertType.PciDeviceInForeignDomain)]
    public async Task DeviceInAForeignDomain_IsAnAlert_AndIsNotGivenAway()
    {
        await ConnectAsync("28:00.1|10GE");

        await ReportAsync(Announcements.Report("28:00.1|10GE") with
        {
            VirtualMachines = [Announcements.Domain(Guid.Parse("01020304-0506-0708-090a-0b0c0d0e0f10"), "28:00.1")],
        });

        Assert.NotNull(Devices().Single().SeenIn);
        Assert.Equal("", ClassOf(Capacity()).PciDevices);
        Assert.Contains(Standing(), alert => alert.Type == AlertType.PciDeviceInForeignDomain);
        Assert.Contains(Standing(), alert => alert.Type == AlertType.UnknownDomain);

        await ReportAsync("28:00.1|10GE");
        Assert.Equal("10GE|1", ClassOf(Capacity()).PciDevices);
        Assert.Empty(Standing());
    }

    [Fact]
    public async Task UnknownSections_AreNotReadAsEmpty()
    {
        await ConnectAsync("28:00.1|10GE");
        var holder = Guid.Parse("01020304-0506-0708-090a-0b0c0d0e0f10");
        await ReportAsync(Announcements.Report("28:00.1|10GE") with { VirtualMachines = [Announcements.Domain(holder, "28:00.1")] });

        await ReportAsync(new HostReport { BootId = Announcements.BootId, PciDevices = null, VirtualMachines = null });

        Assert.Equal((holder, true, true), (Devices().Single().SeenIn, Devices().Single().Configured, Devices().Single().Present));
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task ConnectAsync(params string[] devices) => _host = await _rig.ConnectAsync(Announcements.Host("kvm1", devices));

    private Task ReportAsync(params string[] devices) => ReportAsync(Announcements.Report(devices));

    private Task ReportAsync(HostReport report) =>
        _rig.Agents.PingAsync(Announcements.Ping("kvm1", report, _host!.Session, ++_sequence), CancellationToken.None);

    private long Own(string address)
    {
        var offering = _rig.Add(Rows.Offering("10GE"));
        var vm = _rig.NewVm(offering);
        vm.HostId = _host!.Id;
        vm.State = PciBus.Management.VirtualMachines.VirtualMachineState.Starting;
        vm.WorkflowId = 1;
        _rig.Add(vm);
        _rig.Execute($"UPDATE op_host_pci_devices SET instance_id = {vm.Id}, claim = 1, claimed_name = name WHERE \"function\" = {address[^1]}");
        _rig.Execute("UPDATE op_host_capacity SET report_hash = NULL");
        return vm.Id;
    }

    private List<PciDevice> Devices() => _rig.Read(database => database.Set<PciDevice>().ToList());

    private List<Alert> Standing() => _rig.Read(database => database.Set<Alert>().Where(alert => alert.Resolved == null).OrderBy(alert => alert.Id).ToList());

    private HostCapacity Capacity() => _rig.Read(database => database.Set<HostCapacity>().Single());

    private PlacementClass ClassOf(HostCapacity capacity) =>
        _rig.Read(database => database.Set<PlacementClass>().Single(one => one.Digest == capacity.PlacementClass));

    private string Dump() => _rig.Read(database => string.Join('\n', new object[]
    {
        database.Set<Host>().AsNoTracking().ToList(), database.Set<HostCapacity>().ToList(), database.Set<PciDevice>().ToList(),
        database.Set<PciDeviceHistory>().Count(), database.Set<Alert>().Count(), database.Set<PlacementClass>().Count(),
    }.Select(rows => System.Text.Json.JsonSerializer.Serialize(rows))));

    public sealed class OnSqlite() : ReportTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : ReportTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : ReportTests(DatabaseProvider.SqlServer);
}
