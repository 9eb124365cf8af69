using CsCheck;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Agent.Pci;

/// <summary>
/// A whole host, of which one file or link is not as it should be: nothing fails but with a reason, the other devices are served, and the
/// host never loses its disk or its network card.
/// </summary>
public sealed class SysfsFuzzTests : IDisposable
{
    private static readonly Dictionary<string, string> Management = new() { ["eth0"] = "which has the host's default route" };

    private readonly PciTree _tree = new();
    private readonly PciAddress _disk;
    private readonly PciAddress _card;
    private readonly PciAddress[] _all;
    private readonly string[] _entries;
    private readonly List<(PciAddress Address, string? Driver)> _drivers;

    public SysfsFuzzTests()
    {
        _disk = _tree.Add("04:00.0", group: 1, driver: "nvme", classCode: "010802", above: "0000:00:1c.0");
        _tree.AddBlock($"{_tree.FolderOf(_disk)}/nvme/nvme0", "nvme0n1", "259:1");
        _tree.Mount("259:1", "/", "ext4", "/dev/nvme0n1");
        _card = _tree.Add("05:00.0", group: 2, driver: "igb", above: "0000:00:1d.0");
        _tree.AddInterface($"{_tree.FolderOf(_card)}/net", "eth0");
        var parent = _tree.Add("03:00.0", group: 3, driver: "igb");
        var child = _tree.Add("03:10.0", group: 4, driver: null);
        _tree.AddVirtualFunction(parent, child, 0);
        _all = [_disk, _card, parent, child, _tree.Add("28:00.0", group: 5), _tree.Add("28:00.1", group: 5), _tree.Add("29:00.0", group: 6, classCode: "030000")];
        _drivers = [.. _all.Select(address => (address, _tree.Bus.Find(address)!.Driver))];
        _entries = [.. Entries(_tree.Sysfs.FullPath("")).Append(_tree.Proc.FullPath("self/mountinfo")).Order(StringComparer.Ordinal)];
    }

    /// <summary>Of each sample another file is broken, in another way; afterwards all is as it was.</summary>
    [Fact]
    public async Task Host_IsServed_WhateverOneFileSays()
    {
        Assert.Equal(["0000:03:00.0", "0000:04:00.0", "0000:05:00.0"], (await ServeAsync()).Where(device => device.Unusable is not null).Select(device => $"{device.Address}"));
        GiveBack();
        var samples =
            from entry in Gen.Int[0, _entries.Length - 1]
            from kind in Gen.Int[0, 6]
            from place in Gen.Int[0, 500]
            from odd in Gen.Byte
            select (Entry: _entries[entry], Kind: kind, Place: place, Odd: odd);

        await samples.HoldsAsync(
            async sample =>
            {
                var mend = Break(sample.Entry, sample.Kind, sample.Place, sample.Odd);
                try
                {
                    Judge(await ServeAsync(), sample.Entry);
                }
                catch (HypervisorException e)
                {
                    Assert.Contains("bus/pci/devices cannot be read", e.Message, StringComparison.Ordinal);
                }
                finally
                {
                    mend();
                }
            },
            Property.Cases(gate: 500, all: 10_000));
    }

    public void Dispose() => _tree.Dispose();

    private void Judge(IReadOnlyList<PciDeviceTO> served, string broken)
    {
        foreach (var device in served.Where(device => device.Address == _disk || device.Address == _card))
        {
            Assert.True(device.Unusable is not null, $"{device.Address} is given away");
            Assert.NotEqual("vfio-pci", device.Driver);
        }

        var other = served.SingleOrDefault(device => device.Address == _all[^1]);
        if (broken.Contains("29:00.0", StringComparison.Ordinal) || broken.Contains("iommu_groups/6", StringComparison.Ordinal)) return;
        if (broken.Contains("drivers", StringComparison.Ordinal)) return;
        Assert.True(other is { Unusable: null, Driver: "vfio-pci" }, $"{other}: {other?.Unusable}");
    }

    private async Task<IReadOnlyList<PciDeviceTO>> ServeAsync()
    {
        var kernel = new HostKernel(_tree);
        var inventory = new SysfsPciInventory(
            _tree.Sysfs,
            () => HostUses.Read(_tree.Sysfs, _tree.Proc, Management),
            _ => Task.FromResult<IReadOnlyList<Domain>>([]),
            TimeProvider.System,
            kernel.Write);
        try
        {
            return await inventory.ServePciDevicesAsync(_all, TestContext.Current.CancellationToken);
        }
        finally
        {
            Assert.DoesNotContain(kernel.Written, line => line.Contains($"{_disk}", StringComparison.Ordinal));
            Assert.DoesNotContain(kernel.Written, line => line.Contains($"{_card}", StringComparison.Ordinal));
        }
    }

    /// <summary>Breaks a file or a link, and says how it is mended.</summary>
    private Action Break(string path, int kind, int place, byte odd)
    {
        var link = new FileInfo(path).LinkTarget;
        var bytes = link is null ? File.ReadAllBytes(path) : [];
        File.Delete(path);
        switch (kind)
        {
            case 0:
                break;
            case 1:
                Directory.CreateDirectory(path);
                break;
            case 2:
                File.WriteAllBytes(path, link is null ? [] : [odd]);
                break;
            case 3 when link is null:
                File.WriteAllBytes(path, [.. Enumerable.Repeat(odd, 70_000)]);
                break;
            case 3:
                File.CreateSymbolicLink(path, Path.GetFileName(path));
                break;
            case 4 when link is null:
                File.WriteAllBytes(path, [.. bytes.Select((one, i) => i == place % bytes.Length ? odd : one), .. bytes.Length == 0 ? [odd] : Array.Empty<byte>()]);
                break;
            case 4:
                File.CreateSymbolicLink(path, link.Remove(place % link.Length, 1));
                break;
            case 5 when link is null:
                File.WriteAllBytes(path, [.. bytes[..(bytes.Length / 2)], odd, .. bytes[(bytes.Length / 2)..]]);
                break;
            case 5:
                File.CreateSymbolicLink(path, "/etc");
                break;
            default:
                File.CreateSymbolicLink(path, "nowhere");
                break;
        }

        return () =>
        {
            if (Directory.Exists(path) && new FileInfo(path).LinkTarget is null) Directory.Delete(path, recursive: true);
            else File.Delete(path);
            if (link is null) File.WriteAllBytes(path, bytes);
            else File.CreateSymbolicLink(path, link);
            GiveBack();
        };
    }

    private void GiveBack()
    {
        foreach (var (address, driver) in _drivers) _tree.Drive(address, driver);
    }

    /// <summary>All files and links below a folder; links are not followed.</summary>
    private static IEnumerable<string> Entries(string folder) => Directory.GetFileSystemEntries(folder).SelectMany(
        entry => new FileInfo(entry).LinkTarget is null && Directory.Exists(entry) ? Entries(entry) : [entry]);
}
