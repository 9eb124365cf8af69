using CsCheck;
using PciBus.Management.PciDevices;
using PciBus.Tests.Support;

namespace PciBus.Tests.PciDevices;

/// <summary>Hosts with any mixture of devices, virtual functions and IOMMU groups among them.</summary>
internal static class RandomDevices
{
    /// <summary>One function of each slot, so that addresses differ; slot 0 is a physical function of those that say so.</summary>
    public static Gen<List<PciDevice>> OfOneHost { get; } = Device.List[0, 8].Select(devices =>
    {
        for (var i = 0; i < devices.Count; i++)
        {
            devices[i].Id = i + 1;
            devices[i].Slot = i;
        }

        foreach (var device in devices.Skip(1).Where(device => device.PhysicalFunction is not null))
        {
            device.PhysicalFunction = devices[0].Address.ToString();
        }

        return devices;
    });

    public static Gen<PciDeviceNames> Request { get; } =
        Gen.OneOf("10GE", "GPU-A", "NVMe").List[0, 4].Select(PciDeviceNames.Of);

    private static Gen<PciDevice> Device =>
        from name in Gen.OneOf("10GE", "10GE", "GPU-A", "NVMe")
        from owner in Gen.OneOf<long?>(null, null, null, 4, 5)
        from usual in Gen.Int[0, 9]
        from iommuGroup in Gen.OneOf<int?>(null, null, 1, 2)
        from isVirtual in Gen.Int[0, 5]
        select Make(name, owner, usual, iommuGroup, isVirtual == 0);

    private static PciDevice Make(string name, long? owner, int flaw, int? iommuGroup, bool isVirtual)
    {
        var device = Rows.Device(name);
        device.InstanceId = owner;
        device.Configured = flaw != 1;
        device.Present = flaw != 2;
        device.Health = flaw == 3 ? PciDeviceHealth.Quarantined : PciDeviceHealth.Good;
        device.Enabled = flaw != 4;
        device.Unusable = flaw == 6 ? "it is a bridge" : null;
        device.SeenIn = flaw == 5 ? Guid.NewGuid() : null;
        device.IommuGroup = iommuGroup;
        device.PhysicalFunction = isVirtual ? "" : null;
        return device;
    }
}
