using PciBus.Contracts.PciDevices;
using PciBus.Contracts.Startup;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Tests.Support;

/// <summary>What agents say about their hosts.</summary>
internal static class Announcements
{
    public const string BootId = "boot-1";

    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A host of zone1 with the devices, each written as in agent.properties: <c>28:00.1|10GE</c>.</summary>
    public static StartupRoutingCommand Host(string guid, params string[] pciDevices) => new()
    {
        CommandId = Guid.NewGuid(),
        DataCenter = "zone1",
        Pod = "pod1",
        Cluster = "cluster1",
        Guid = guid,
        Name = guid,
        Version = "0.1.0",
        Cpus = 8,
        Speed = 2000,
        Memory = 16L << 30,
        Dom0MinMemory = 1L << 30,
        Nonce = Guid.NewGuid(),
        SentAt = Now,
        Report = Report(pciDevices),
    };

    public static HostReport Report(params string[] pciDevices) => new()
    {
        BootId = BootId,
        PciDevices = [.. pciDevices.Select(Device)],
        VirtualMachines = [],
    };

    public static PingRoutingCommand Ping(string guid, HostReport report, long session, long sequence) => new()
    {
        CommandId = Guid.NewGuid(),
        HostGuid = guid,
        SentAt = Now,
        Report = report with { Session = session, Sequence = sequence },
    };

    public static PciDeviceTO Device(string entry)
    {
        var parts = entry.Split('|');
        return new PciDeviceTO { Address = PciAddress.Parse(parts[0]), Name = parts[1], VendorId = "8086", ProductId = "10ed" };
    }

    public static DomainReport Domain(Guid uuid, params string[] addresses) => new()
    {
        Uuid = uuid,
        Name = "domain",
        State = PowerState.PowerOn,
        PciDevices = [.. addresses.Select(PciAddress.Parse)],
    };
}
