using CsCheck;
using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Management.PciDevices;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.PciDevices;

public sealed class PciDeviceInventoryTests
{
    private static readonly Gen<HostReport> Reports =
        from devices in Reported.List[0, 8]
        from hasDevices in Gen.Int[0, 5]
        from holders in Gen.Int[0, 3]
        from held in Gen.Int[0, 8]
        select new HostReport
        {
            Session = 2,
            Sequence = 5,
            PciDevices = hasDevices == 0 ? null : [.. devices.DistinctBy(device => device.Address)],
            VirtualMachines = holders == 0 ? null : [Announcements.Domain(Holder, $"28:{held:x2}.0")],
        };

    private static Guid Holder { get; } = Guid.Parse("01020304-0506-0708-090a-0b0c0d0e0f10");

    private static Gen<PciDeviceTO> Reported =>
        from slot in Gen.Int[0, 7]
        from name in Gen.OneOf("10GE", "GPU-A", "renamed")
        from present in Gen.Int[0, 4]
        from product in Gen.OneOf("10ed", "10ed", "1533", null)
        from unusable in Gen.Int[0, 4]
        select new PciDeviceTO
        {
            Address = new PciAddress(0, 0x28, (byte)slot, 0),
            Name = name,
            Present = present > 0,
            VendorId = "8086",
            ProductId = product,
            Unusable = unusable == 0 && present > 0 ? "it is a bridge" : null,
        };

    [Fact]
    public void Inventory_NeverRemovesADeviceThatHasAnOwner() => Gen.Select(RandomDevices.OfOneHost, Reports).Holds((known, report) =>
        PciDeviceInventory.Compare(known, report).All(change => !change.Remove || change.Known!.InstanceId is null));

    [Fact]
    public void Inventory_TouchesNeitherOwnersNorWhatItWasGiven() => Gen.Select(RandomDevices.OfOneHost, Reports).Holds((known, report) =>
    {
        var before = known.Select(device => (device.InstanceId, device.Claim, device.Enabled, device.Health, device.Name)).ToList();
        PciDeviceInventory.Compare(known, report);
        Assert.Equal(before, known.Select(device => (device.InstanceId, device.Claim, device.Enabled, device.Health, device.Name)));
    });

    [Fact]
    public void SectionThatCouldNotBeCollected_ChangesNothing() => RandomDevices.OfOneHost.Holds(known =>
    {
        var changes = PciDeviceInventory.Compare(known, new HostReport { Session = 2, Sequence = 5, PciDevices = null, VirtualMachines = null });
        Assert.All(changes, change => Assert.True(change is { Remove: true, Known.Configured: false }, "only what had gone already goes"));
    });

    [Fact]
    public void UnreadablePciBus_LeavesConfigurationAndPresenceAsTheyWere() =>
        Gen.Select(RandomDevices.OfOneHost, Reports).Holds((known, report) => Assert.All(
            PciDeviceInventory.Compare(known, report with { PciDevices = null }),
            change => Assert.Equal((change.Known!.Configured, change.Known.Present), (change.Configured, change.Present))));

    [Fact]
    public void AppliedReport_ChangesNothingMore() => Gen.Select(RandomDevices.OfOneHost, Reports).Holds((known, report) =>
    {
        var after = Apply(known, PciDeviceInventory.Compare(known, report), report);
        Assert.Empty(PciDeviceInventory.Compare(after, report));
    });

    [Fact]
    public void OlderReport_DoesNotSayWhereADeviceIs()
    {
        var device = Rows.Device();
        (device.SeenSession, device.SeenSequence, device.InstanceId) = (2, 5, 4);

        var report = new HostReport { Session = 2, Sequence = 4, PciDevices = null, VirtualMachines = [Announcements.Domain(Holder, "28:00.0")] };

        Assert.Empty(PciDeviceInventory.Compare([device], report));
    }

    [Fact]
    public void DeviceOutsideItsOwnersDomain_KeepsItsRow_WhenItIsNoLongerConfigured()
    {
        var device = Rows.Device();
        device.InstanceId = 4;

        var change = Assert.Single(PciDeviceInventory.Compare([device], new HostReport { Session = 1, Sequence = 1, PciDevices = [] }));

        Assert.False(change.Remove);
        Assert.False(change.Configured);
    }

    [Fact]
    public void AnotherIdentityAtTheSameAddress_IsQuarantined()
    {
        var reported = Announcements.Device("28:00.0|10GE") with { ProductId = "1533" };

        var change = Assert.Single(PciDeviceInventory.Compare([Rows.Device()], new HostReport { PciDevices = [reported] }));

        Assert.Contains("8086:1533", change.Quarantine, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownIdentity_IsNotAnotherIdentity()
    {
        var reported = Announcements.Device("28:00.0|10GE") with { ProductId = null };

        Assert.Null(Assert.Single(PciDeviceInventory.Compare([Rows.Device()], new HostReport { PciDevices = [reported] })).Quarantine);
    }

    [Fact]
    public void UnusableDevice_KeepsItsOwner_AndItsReasonFollowsTheReports()
    {
        var device = Rows.Device();
        device.InstanceId = 4;
        var reported = Announcements.Device("28:00.0|10GE") with { Unusable = "it is a bridge" };

        var change = Assert.Single(PciDeviceInventory.Compare([device], new HostReport { PciDevices = [reported] }));
        Assert.Equal(("it is a bridge", false), (change.Unusable, change.Remove));
        Assert.Equal([(PciDeviceChange.Unusable, "it is a bridge")], change.Story);

        device.Unusable = "it is a bridge";
        change = Assert.Single(PciDeviceInventory.Compare([device], new HostReport { PciDevices = [reported with { Unusable = "another reason" }] }));
        Assert.Equal("another reason", change.Unusable);
        Assert.Empty(change.Story);

        change = Assert.Single(PciDeviceInventory.Compare([device], new HostReport { PciDevices = [reported with { Unusable = null }] }));
        Assert.Null(change.Unusable);
        Assert.Equal(PciDeviceChange.Usable, Assert.Single(change.Story).What);
        Assert.Empty(PciDeviceInventory.Compare([device], new HostReport { PciDevices = null }));
        Assert.Null(Assert.Single(PciDeviceInventory.Compare([device], new HostReport { PciDevices = [] })).Unusable);
    }

    /// <summary>What storing the changes does to the rows.</summary>
    private static List<PciDevice> Apply(List<PciDevice> known, IReadOnlyList<InventoryChange> changes, HostReport report)
    {
        var rows = known.ToList();
        foreach (var change in changes)
        {
            var row = change.Known ?? Rows.Device(change.Reported!.Name);
            if (change.Known is null)
            {
                row.Slot = change.Reported!.Address.Slot;
                rows.Add(row);
            }

            (row.Configured, row.Present, row.Unusable) = (change.Configured, change.Present, change.Unusable);
            (row.SeenIn, row.SeenSession, row.SeenSequence) = (change.SeenIn, report.Session, report.Sequence);
            if (change.Quarantine is not null) row.Health = PciDeviceHealth.Quarantined;
            if (change.Reported is { } named) row.ReportedName = named.Name;
            if (change.Reported is { Present: true } reported)
            {
                (row.VendorId, row.ProductId) = (reported.VendorId, reported.ProductId);
                (row.IommuGroup, row.PhysicalFunction) = (reported.IommuGroup, null);
            }

            if (change.Remove) rows.Remove(row);
        }

        return rows;
    }
}
