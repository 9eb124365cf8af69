using System.Diagnostics;
using System.Globalization;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Contracts.PciDevices;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Lab;

/// <summary>
/// The lab itself, without management and agents: real VFIO hands a network card to a guest, and libvirt moves the guest. The times of
/// these steps are what PciBus's own are compared with.
/// </summary>
[Collection(LabFixture.Name)]
[OutOfProcess]
[OnlyInAll("emulated hosts")]
public sealed class EmulatedHostTests(LabFixture lab)
{
    private static readonly PciAddress Card = PciAddress.Parse("01:00.0");
    private static readonly TimeSpan RemovalTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan MigrationTime = TimeSpan.FromMinutes(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hosts_HaveAnIommu_AndAGroupForEachRootPort()
    {
        LabFixture.Require();
        foreach (var host in lab.Hosts)
        {
            var groups = await host.RunAsync("for d in /sys/bus/pci/devices/*; do echo ${d##*/} $(basename $(readlink $d/iommu_group)); done", Token);
            var groupOf = groups.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')).ToDictionary(part => part[0], part => part[1]);
            Assert.Equal(groupOf["0000:05:00.0"], groupOf["0000:05:00.1"]);
            string[] alone = ["0000:01:00.0", "0000:02:00.0", "0000:03:00.0", "0000:04:00.0"];
            Assert.All(alone, device => Assert.Single(groupOf, other => other.Value == groupOf[device]));
        }
    }

    [Fact]
    public async Task Guest_DrivesTheCard_AndThatOfTheOtherHost_AfterMigration()
    {
        LabFixture.Require();
        var guest = new LabGuest("bare", Guid.NewGuid());
        await using var first = await LibvirtConnection.OpenAsync(lab.First.Uri, TimeProvider.System, Token);
        await using var second = await LibvirtConnection.OpenAsync(lab.Second.Uri, TimeProvider.System, Token);
        foreach (var host in lab.Hosts) await host.BindAsync(Card, Token);
        try
        {
            await first.CreateAsync(guest.Xml(Card), Token);
            await guest.SaysAsync(lab.First, "lease of 10.77.1.", Token);
            var clock = Stopwatch.StartNew();
            await first.DetachDeviceAsync(guest.Uuid, LabGuest.Device(Card, "ua-pci-0-1"), LibvirtDeviceTarget.Live, Token);
            await HearAsync(first, happened => happened is LibvirtEvent.DeviceRemoved { Alias: "ua-pci-0-1" });
            var detached = clock.Elapsed;
            await first.MigrateAsync(
                guest.Uuid,
                new LibvirtMigration(lab.Second.MigrationUri, LibvirtMigrateFlags.Live | LibvirtMigrateFlags.PeerToPeer) { MemoryUri = lab.Second.MemoryUri },
                MigrationTime, Token);
            var migrated = clock.Elapsed;
            await second.AttachDeviceAsync(guest.Uuid, LabGuest.Device(Card, "ua-pci-0-2"), LibvirtDeviceTarget.Live, Token);
            var attached = clock.Elapsed;
            await guest.SaysAsync(lab.Second, "lease of 10.77.1.", Token);
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"detach {detached.TotalSeconds:0.0} s, migrate {(migrated - detached).TotalSeconds:0.0} s, attach {(attached - migrated).TotalSeconds:0.0} s"));
        }
        finally
        {
            foreach (var connection in (LibvirtConnection[])[first, second]) await EndAsync(connection, guest.Uuid);
        }
    }

    private static async Task HearAsync(LibvirtConnection connection, Func<LibvirtEvent, bool> isIt)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience.Times(RemovalTime));
        while (!isIt(await connection.Events.ReadAsync(patience.Token)))
        {
        }
    }

    private static async Task EndAsync(LibvirtConnection connection, Guid domain)
    {
        try
        {
            await connection.DestroyAsync(domain, CancellationToken.None);
        }
        catch (LibvirtException gone) when (gone.Failure == LibvirtFailure.NoDomain)
        {
            // It is on the other host, or nowhere.
        }
    }
}
