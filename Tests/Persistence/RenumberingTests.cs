using PciBus.Contracts.PciDevices;
using PciBus.Contracts.VirtualMachines;
using PciBus.Management.Events;
using PciBus.Management.Hosts;
using PciBus.Management.Hosts.Capacity;
using PciBus.Management.PciDevices;
using PciBus.Management.Persistence;
using PciBus.Management.VirtualMachines;
using PciBus.Management.Workflows;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Persistence;

/// <summary>A host numbers its buses otherwise after a reboot: the claims follow the devices.</summary>
public abstract class RenumberingTests : IDisposable
{
    private readonly ManagementRig _rig;
    private readonly Operator _act;
    private Host _host = null!;
    private long _sequence = 1;

    private protected RenumberingTests(DatabaseProvider provider)
    {
        _rig = new ManagementRig(provider: provider);
        _act = new Operator(_rig);
    }

    [Fact]
    public async Task Claim_FollowsItsDevice_ToAnAddressThatPciDevicesDoesNotName()
    {
        await BootAsync("boot-1", [Device("28:00.1|10GE", "s1")]);
        var vm = await _act.RunAsync();
        var before = Devices().Single();

        await BootAsync("boot-2", [Missing("28:00.1|10GE")], Device("29:00.1|", "s1") with { IommuGroup = 7, Driver = "igb" });

        var row = Devices().Single();
        Assert.Equal((before.Id, before.Uuid, before.Claim), (row.Id, row.Uuid, row.Claim));
        Assert.Equal(("0000:29:00.1", "0000:29:00.1", vm.Id, "10GE"), (row.Address.ToString(), row.AddressText, row.InstanceId, row.ClaimedName));
        Assert.Equal((false, true, "0000:28:00.1", "10GE"), (row.Configured, row.Present, row.ConfiguredAddress, row.Name));
        Assert.Equal((7, "igb", PciDeviceHealth.Good), (row.IommuGroup, row.Driver, row.Health));
        Assert.Equal(
            "kvm1: pci.devices says 0000:28:00.1 (10GE), the device is at 0000:29:00.1", Standing(AlertType.PciDeviceRenumbered).Single().Subject);
        Assert.Contains(
            ("0000:29:00.1", PciDeviceChange.Renumbered, "at 0000:28:00.1 before the host rebooted", (long?)vm.Id), StoryOf(row));
        Assert.Contains(
            ("0000:29:00.1", PciDeviceChange.Unconfigured, "pci.devices says 0000:28:00.1", (long?)vm.Id), StoryOf(row));
    }

    /// <summary>The operator corrects the list.</summary>
    [Fact]
    [ShowsEndOf(AlertType.PciDeviceRenumbered)]
    public async Task Device_IsConfiguredAgain_WhenPciDevicesNamesItWhereItIs()
    {
        await MovedAsync();
        Assert.Equal("", FreeDevices());

        await ReportAsync(Missing("28:00.1|10GE"));
        Assert.Single(Standing(AlertType.PciDeviceRenumbered));

        await ReportAsync(Device("29:00.1|10GE", "s1"));

        var row = Devices().Single();
        Assert.Equal(("0000:29:00.1", true, null), (row.Address.ToString(), row.Configured, row.ConfiguredAddress));
        Assert.Empty(Standing());
        Assert.Equal("10GE|1", FreeDevices());
    }

    [Fact]
    public async Task Device_IsForgotten_WhenItIsTakenOutOfPciDevices_AndNobodyOwnsIt()
    {
        await MovedAsync();

        await ReportAsync();

        Assert.Empty(Devices());
        Assert.Empty(Standing());
    }

    [Fact]
    public async Task Device_IsKept_WhenItsOwnerLetsGoOfIt_AndPciDevicesIsNotCorrectedYet()
    {
        await BootAsync("boot-1", [Device("28:00.1|10GE", "s1")]);
        var vm = await _act.RunAsync();
        await BootAsync("boot-2", [Missing("28:00.1|10GE")], Device("29:00.1|", "s1"));

        await _act.StopAsync(vm, forced: true);
        Assert.Equal(["0000:29:00.1"], AddressesIn(vm));
        await _act.AnswerAsync(vm, Observation.Off);

        Assert.Equal(VirtualMachineState.Stopped, _act.Look(vm).State);
        var row = Devices().Single();
        Assert.Equal((null, PciDeviceHealth.Good, "0000:28:00.1"), (row.InstanceId, row.Health, row.ConfiguredAddress));
        await ReportAsync(Device("29:00.1|10GE", "s1"));
        Assert.Equal("10GE|1", FreeDevices());
    }

    [Fact]
    public async Task DevicesThatSwapped_KeepTheirOwners_InOneTransaction()
    {
        await BootAsync("boot-1", [Device("28:00.1|10GE", "s1"), Device("28:00.2|10GE", "s2"), Device("28:00.3|10GE", "s3")]);
        var (one, two) = (await _act.RunAsync(name: "one"), await _act.RunAsync(name: "two"));

        await BootAsync("boot-2", [Device("28:00.1|10GE", "s2"), Device("28:00.2|10GE", "s3"), Device("28:00.3|10GE", "s1")]);

        Assert.Equal(
            [("s2", 1, two.Id), ("s3", 2, null), ("s1", 3, one.Id)],
            Devices().OrderBy(row => row.Function).Select(row => (row.Serial!, row.Function, row.InstanceId)));
        Assert.All(Devices(), row => Assert.Equal((true, null, PciDeviceHealth.Good), (row.Configured, row.ConfiguredAddress, row.Health)));
        Assert.Empty(Standing(AlertType.PciDeviceRenumbered));
        Assert.Equal("10GE|1", FreeDevices());
        await _act.StopAsync(one, forced: true);
        Assert.Equal(["0000:28:00.3"], AddressesIn(one));
    }

    /// <summary>Each entry was meant for the other device: none of the two is given out under the other's name.</summary>
    [Fact]
    public async Task DevicesThatSwapped_AreNotConfigured_WhileTheirEntriesHaveOtherNames()
    {
        await BootAsync("boot-1", [Device("28:00.1|10GE", "s1"), Device("28:00.2|GPU", "s2")]);

        await BootAsync("boot-2", [Device("28:00.1|10GE", "s2"), Device("28:00.2|GPU", "s1")]);
        await ReportAsync(Device("28:00.1|10GE", "s2"), Device("28:00.2|GPU", "s1"));

        Assert.Equal(
            [("GPU", false, "0000:28:00.2"), ("10GE", false, "0000:28:00.1")],
            Devices().OrderBy(row => row.Function).Select(row => (row.Name, row.Configured, row.ConfiguredAddress!)));
        Assert.Equal(2, Standing(AlertType.PciDeviceRenumbered).Count);
        Assert.Equal("", FreeDevices());

        await ReportAsync(Device("28:00.1|GPU", "s2"), Device("28:00.2|10GE", "s1"));

        Assert.Equal([("GPU", true), ("10GE", true)], Devices().OrderBy(row => row.Function).Select(row => (row.Name, row.Configured)));
        Assert.Empty(Standing());
    }

    /// <summary>It is given to nobody under the name of the device that was there.</summary>
    [Fact]
    public async Task StrangerAtTheOldAddress_IsQuarantined()
    {
        await BootAsync("boot-1", [Device("28:00.1|10GE", "s1")]);

        await BootAsync("boot-2", [Device("28:00.1|10GE", "s9") with { ProductId = "1533" }], Device("29:00.1|", "s1"));

        var stranger = Devices().Single(row => row.Bus == 0x28);
        Assert.Equal((PciDeviceHealth.Quarantined, true, null), (stranger.Health, stranger.Configured, stranger.InstanceId));
        Assert.Equal(
            "another device than before: 8086:1533 serial s9 instead of 8086:10ed serial s1, which is at 0000:29:00.1 since the host rebooted",
            stranger.HealthReason);
        Assert.Equal(PciDeviceHealth.Good, Devices().Single(row => row.Bus == 0x29).Health);
        Assert.Equal("", FreeDevices());
    }

    /// <summary>A device is plugged in later where pci.devices still names the one that moved.</summary>
    [Fact]
    public async Task StrangerAtTheOldAddress_IsQuarantined_WhenItComesLater()
    {
        await MovedAsync();

        await ReportAsync(Device("28:00.1|10GE", null));

        Assert.Equal(PciDeviceHealth.Quarantined, Devices().Single(row => row.Bus == 0x28).Health);
    }

    [Fact]
    public async Task DevicesThatCannotBeToldApart_AreQuarantined_AndKeepTheirOwner()
    {
        await BootAsync("boot-1", [Device("28:00.1|10GE", "s1")]);
        var vm = await _act.RunAsync();

        await BootAsync("boot-2", [Missing("28:00.1|10GE"), Device("29:00.1|10GE", "s1"), Device("2a:00.1|10GE", "s1")]);

        Assert.Equal(
            [(0x28, vm.Id, PciDeviceHealth.Quarantined), (0x29, null, PciDeviceHealth.Quarantined), (0x2a, null, PciDeviceHealth.Quarantined)],
            Devices().OrderBy(row => row.Bus).Select(row => (row.Bus, row.InstanceId, row.Health)));
        Assert.All(Devices(), row => Assert.Contains("is at 0000:29:00.1 and 0000:2a:00.1 now", row.HealthReason, StringComparison.Ordinal));
        Assert.Equal(3, Standing(AlertType.PciDeviceQuarantined).Count);
    }

    [Fact]
    public async Task Device_IsNotFollowed_WithoutAReboot()
    {
        await BootAsync("boot-1", [Device("28:00.1|10GE", "s1")]);
        var vm = await _act.RunAsync();

        await BootAsync("boot-1", [Device("28:00.1|10GE", "s2")], Device("29:00.1|", "s1"));

        var row = Devices().Single();
        Assert.Equal((vm.Id, "0000:28:00.1", PciDeviceHealth.Quarantined), (row.InstanceId, row.Address.ToString(), row.Health));
    }

    /// <summary>A boot that is not known is not another boot.</summary>
    [Fact]
    public async Task Device_IsNotFollowed_WhenTheBootIsNotKnown()
    {
        await BootAsync("boot-1", [Device("28:00.1|10GE", "s1")]);

        await BootAsync("", [Missing("28:00.1|10GE")], Device("29:00.1|", "s1"));

        Assert.Equal(("0000:28:00.1", false), (Devices().Single().Address.ToString(), Devices().Single().Present));
    }

    [Fact]
    public async Task Device_ComesBack_WithTheNextBoot()
    {
        await BootAsync("boot-1", [Device("28:00.1|10GE", "s1")]);
        var vm = await _act.RunAsync();
        await BootAsync("boot-2", [Device("28:00.1|10GE", "s9")], Device("29:00.1|", "s1"));

        await BootAsync("boot-3", [Device("28:00.1|10GE", "s1")]);

        var row = Devices().Single();
        Assert.Equal(("0000:28:00.1", vm.Id, true, null), (row.Address.ToString(), row.InstanceId, row.Configured, row.ConfiguredAddress));
        Assert.Empty(Standing(AlertType.PciDeviceRenumbered));
        Assert.Empty(Standing(AlertType.PciDeviceQuarantined));
    }

    /// <summary>It does not say what else the host has.</summary>
    [Fact]
    public async Task OlderAgent_IsUnderstoodAsBefore()
    {
        await BootAsync("boot-1", [Device("28:00.1|10GE", "s1"), Device("28:00.2|10GE", "s2")]);

        var startup = Announcements.Host("kvm1");
        await _rig.ConnectAsync(startup with
        {
            OtherPciDevices = null,
            Report = startup.Report with { BootId = "boot-2", PciDevices = [Missing("28:00.1|10GE"), Device("28:00.2|10GE", "s2")] },
        });

        Assert.Equal([("0000:28:00.1", false), ("0000:28:00.2", true)], Devices().Select(row => (row.Address.ToString(), row.Present)).Order());
    }

    public void Dispose()
    {
        _rig.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task MovedAsync()
    {
        await BootAsync("boot-1", [Device("28:00.1|10GE", "s1")]);
        await BootAsync("boot-2", [Missing("28:00.1|10GE")], Device("29:00.1|", "s1"));
    }

    /// <summary>The host announces itself.</summary>
    /// <param name="configured">What its pci.devices names.</param>
    /// <param name="others">What else there is.</param>
    private async Task BootAsync(string boot, PciDeviceTO[] configured, params PciDeviceTO[] others)
    {
        var startup = Announcements.Host("kvm1");
        _host = await _rig.ConnectAsync(startup with
        {
            OtherPciDevices = others,
            Report = startup.Report with { BootId = boot, PciDevices = configured },
        });
    }

    private Task ReportAsync(params PciDeviceTO[] configured) => _rig.Agents.PingAsync(
        Announcements.Ping("kvm1", Announcements.Report() with { PciDevices = configured }, _host.Session, ++_sequence), CancellationToken.None);

    private static PciDeviceTO Device(string entry, string? serial) => Announcements.Device(entry) with { Serial = serial };

    private static PciDeviceTO Missing(string entry) =>
        Announcements.Device(entry) with { Present = false, VendorId = null, ProductId = null };

    private List<PciDevice> Devices() => _rig.Read(database => database.Set<PciDevice>().OrderBy(row => row.Id).ToList());

    private List<(string? Address, PciDeviceChange What, string Why, long? VmId)> StoryOf(PciDevice row) => _rig.Read(database => database
        .Set<PciDeviceHistory>().Where(line => line.DeviceId == row.Id).ToList()
        .ConvertAll(line => (line.Address, line.What, line.Why, line.VmId)));

    private List<Alert> Standing() => _rig.Read(database => database.Set<Alert>().Where(alert => alert.Resolved == null).ToList());

    private List<Alert> Standing(AlertType type) => Standing().FindAll(alert => alert.Type == type);

    /// <summary>The addresses in the command that its host has for the virtual machine.</summary>
    private IEnumerable<string> AddressesIn(VirtualMachine vm)
    {
        var text = _rig.Read(database => database.Set<Workflow>().Single(one => one.VmId == vm.Id && !one.Waiting)).AwaitingCommand!;
        return System.Text.Json.JsonSerializer.Deserialize<StopCommand>(text.Split(' ', 2)[1])!.PciDevices.Select(device => $"{device.Address}");
    }

    private string FreeDevices() => _rig.Read(database =>
    {
        var digest = database.Set<HostCapacity>().Single().PlacementClass;
        return database.Set<PlacementClass>().Single(one => one.Digest == digest).PciDevices;
    });

    public sealed class OnSqlite() : RenumberingTests(DatabaseProvider.Sqlite);

    [OutOfProcess]
    public sealed class OnPostgreSql() : RenumberingTests(DatabaseProvider.PostgreSql);

    [OutOfProcess]
    public sealed class OnSqlServer() : RenumberingTests(DatabaseProvider.SqlServer);
}
