using System.Globalization;
using System.Runtime.InteropServices;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>Two real hosts of libvirt, whose domains run in software, joined by a network; for the tests of a class.</summary>
public sealed class LibvirtHosts : IAsyncLifetime
{
    private const string Prefix = "pcibus-libvirt-";

    private const string NotThere = "There is no libvirtd with a QEMU to be had: run the tests as root of a Debian machine, or install the packages "
        + Packages + " and iproute2";

    private const string Packages = "libvirt-daemon-system libvirt-daemon-driver-qemu libvirt-clients qemu-system-x86 qemu-utils bindfs";

    private static readonly string[] Programs = ["/usr/sbin/libvirtd", "/usr/bin/virt-admin", "/usr/bin/qemu-system-x86_64", "/usr/bin/qemu-img", "/usr/bin/bindfs"];
    private static readonly Lazy<bool> AreThere = new(FindOrInstall);
    private static int _last;

    private readonly string _folder = Path.Combine(
        Path.GetTempPath(),
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref _last)}"));

    private LibvirtHost? _first;
    private LibvirtHost? _second;

    internal LibvirtHost First => _first ?? throw new InvalidOperationException(NotThere);

    internal LibvirtHost Second => _second ?? throw new InvalidOperationException(NotThere);

    /// <summary>A folder that both hosts share, and this process.</summary>
    public string Shared => Path.Combine(_folder, "shared");

    public async ValueTask InitializeAsync()
    {
        if (!AreThere.Value) return;
        RemoveLeftFolders();
        _first = new LibvirtHost(Path.Combine(_folder, "a"), "host-a", "10.99.0.1");
        _second = new LibvirtHost(Path.Combine(_folder, "b"), "host-b", "10.99.0.2");
        await LibvirtHost.JoinAsync(_first, _second, TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Shared);
        foreach (var host in new[] { _first, _second }) await host.ShareAsync(Shared, TestContext.Current.CancellationToken);
    }

    /// <summary>Skips the test when there are none.</summary>
    public static void Require()
    {
        OutOfProcessAttribute.Require("libvirtd");
        Assert.SkipUnless(AreThere.Value, NotThere);
    }

    public ValueTask DisposeAsync()
    {
        _first?.Dispose();
        _second?.Dispose();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Of a process that was killed nothing but its folder is left.</summary>
    private static void RemoveLeftFolders()
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), $"{Prefix}*"))
        {
            if (!Directory.Exists($"/proc/{Path.GetFileName(folder)[Prefix.Length..].Split('-')[0]}")) Directory.Delete(folder, recursive: true);
        }
    }

    private static bool FindOrInstall() =>
        OperatingSystem.IsLinux()
        && Environment.IsPrivilegedProcess
        && (IsInstalled() || (DebianPackages.Install(Packages, "iproute2") is null && IsInstalled()));

    private static bool IsInstalled() => Programs.All(File.Exists) && NativeLibrary.TryLoad(LibvirtNative.Library, out _);
}
