using System.Globalization;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// What a device is called within a domain: <c>ua-pci-ID-CLAIM-0000_28_00_1</c>. Events carry the alias alone, and may come when
/// the domain shows the device no more, so the address is in it. Libvirt takes letters, digits, - and _ only.
/// </summary>
internal static class DeviceAlias
{
    private const string Prefix = "ua-pci-";

    public static string Of(PciDeviceTO device) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Prefix}{device.Id}-{device.Claim}-{device.Address.ToString().Replace(':', '_').Replace('.', '_')}");

    /// <summary>Null for a device that somebody else has given to the domain.</summary>
    public static PciAddress? AddressIn(string? alias)
    {
        if (alias?.StartsWith(Prefix, StringComparison.Ordinal) != true) return null;
        var parts = alias.Split('-')[^1].Split('_');
        return parts.Length == 4 && PciAddress.TryParse($"{parts[0]}:{parts[1]}:{parts[2]}.{parts[3]}", out var address, out _) ? address : null;
    }
}
