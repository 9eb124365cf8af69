using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Pci;

/// <summary>What the host itself does with a PCI function: disks that it has mounted, network interfaces that carry its addresses.</summary>
/// <param name="sysfs">The kernel's files.</param>
/// <param name="addressesOf">The addresses of a network interface, by its name.</param>
internal sealed class HostUse(Sysfs sysfs, Func<string, IReadOnlyList<IPAddress>> addressesOf)
{
    private const string Disks = "sys/class/block";
    private const string Networks = "sys/class/net";

    /// <summary>IFF_UP.</summary>
    private const uint Up = 1;

    /// <summary>The addresses that this machine's interfaces have.</summary>
    public static IReadOnlyList<IPAddress> AddressesOf(string name) =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces().Where(network => network.Name == name)
            .SelectMany(network => network.GetIPProperties().UnicastAddresses).Select(unicast => unicast.Address),
    ];

    /// <summary>What for, for the operator; null when it does nothing with it that is known.</summary>
    public string? Of(PciFunction function) => DiskUse(function) ?? NetworkUse(function.Address);

    /// <summary>The first of its disks; null when it has none. Not everything that uses a disk can be seen.</summary>
    public string? DiskOf(PciAddress address) => Below(address, Disks).FirstOrDefault();

    /// <summary>The first of its network interfaces that is up, whether or not it has an address; null when none is.</summary>
    public string? InterfaceUpOf(PciAddress address) => Below(address, Networks).FirstOrDefault(IsUp);

    /// <summary>What cannot be looked at counts as used.</summary>
    private string? DiskUse(PciFunction function)
    {
        var disks = Below(function.Address, Disks);
        if (disks.Count == 0 && !function.IsStorage) return null;
        if (!Directory.Exists(sysfs.PathOf(Disks))) return "which disks it has cannot be read";
        if (MountPoints() is not { } mounted) return "what is mounted cannot be read";
        var swaps = Lines("proc/swaps").Select(line => Path.GetFileName(line.Split(' ', '\t')[0])).ToHashSet();
        foreach (var disk in disks)
        {
            var folder = sysfs.PathOf($"{Disks}/{disk}");
            var point = Sysfs.Text(Path.Combine(folder, "dev")) is { } number ? mounted.GetValueOrDefault(number) : null;
            if ((point ?? mounted.GetValueOrDefault($"/dev/{disk}")) is { } where) return $"{disk} is mounted on {where}";
            if (swaps.Contains(disk)) return $"{disk} is its swap";
            // LVM, RAID, encryption: whatever it is for, somebody uses it.
            if (Entries(Path.Combine(folder, "holders")) is [var holder, ..]) return $"{disk} is part of {holder}";
        }

        return null;
    }

    /// <summary>An address that is not of the link alone is one that somebody relies on; that of management is among them.</summary>
    private string? NetworkUse(PciAddress address)
    {
        foreach (var network in Below(address, Networks))
        {
            foreach (var carrier in WithUppers(network))
            {
                if (Addresses(carrier) is not { } addresses) return $"the addresses of {carrier} cannot be read";
                if (addresses.FirstOrDefault(IsOfTheHost) is not { } held) continue;
                return carrier == network ? $"{network} has its address {held}" : $"{network} is part of {carrier}, which has its address {held}";
            }

            if (WithUppers(network).Skip(1).FirstOrDefault() is { } upper) return $"{network} is part of {upper}";
        }

        return null;
    }

    private IReadOnlyList<IPAddress>? Addresses(string network)
    {
        try
        {
            return addressesOf(network);
        }
        catch (Exception e) when (e is NetworkInformationException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private bool IsUp(string network) =>
        Sysfs.Text(sysfs.PathOf($"{Networks}/{network}/flags")) is not ['0', 'x', .. var digits]
        || !uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var flags)
        || (flags & Up) != 0;

    private static bool IsOfTheHost(IPAddress address) => !address.IsIPv6LinkLocal && !IPAddress.IsLoopback(address);

    /// <summary>The interface, and all that is made of it: bonds, bridges, VLANs.</summary>
    private List<string> WithUppers(string network)
    {
        var found = new List<string> { network };
        for (var i = 0; i < found.Count; i++)
        {
            var uppers = Entries(sysfs.PathOf($"{Networks}/{found[i]}"))
                .Where(entry => entry.StartsWith("upper_", StringComparison.Ordinal)).Select(entry => entry["upper_".Length..]);
            found.AddRange(uppers.Except(found).ToList());
        }

        return found;
    }

    /// <summary>The names in a class of devices that hang, however far down, on a function.</summary>
    private List<string> Below(PciAddress address, string category)
    {
        var part = $"/{address}/";
        return [.. Entries(sysfs.PathOf(category)).Where(name => TargetOf(Path.Combine(sysfs.PathOf(category), name)).Contains(part, StringComparison.Ordinal))];
    }

    /// <summary>
    /// Where what is mounted, by the device's number and, as some file systems hide that, by its name. Null when the kernel's
    /// list cannot be read: one without the root is none.
    /// </summary>
    private Dictionary<string, string>? MountPoints()
    {
        var points = new Dictionary<string, string>();
        var hasRoot = false;
        foreach (var line in Lines("proc/self/mountinfo"))
        {
            var parts = line.Split(' ');
            if (parts.Length < 7) continue;
            hasRoot |= parts[4] == "/";
            points.TryAdd(parts[2], parts[4]);
            points.TryAdd(parts[Math.Min(Array.IndexOf(parts, "-", 6) + 2, parts.Length - 1)], parts[4]);
        }

        return hasRoot ? points : null;
    }

    private string[] Lines(string file) => (Sysfs.Text(sysfs.PathOf(file)) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string TargetOf(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget ?? "";
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static IReadOnlyList<string> Entries(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        }
        catch (IOException)
        {
            return [];
        }
    }
}
