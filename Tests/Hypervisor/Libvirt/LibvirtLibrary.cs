using System.Runtime.InteropServices;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Pci;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>
/// Debian's libvirt0, which is installed when it is missing and this is root. With it comes a driver that runs no domain but keeps
/// books of them, in the memory of the process, for all connections to <see cref="TestDriver"/>.
/// </summary>
internal static class LibvirtLibrary
{
    public const string TestDriver = "test:///default";

    /// <summary>The tests that count connections and threads of libvirt: one at a time.</summary>
    public const string Collection = "libvirt";

    private const string NotThere = "There is no libvirt, and it could not be installed: install the package libvirt0";

    private static readonly Lazy<bool> Loads = new(() => IsThere() || (DebianPackages.Install("libvirt0") is null && IsThere()));

    /// <summary>No process runs a domain.</summary>
    public static QemuProcesses NoProcesses
    {
        get
        {
            var nowhere = new KernelFolder("/nowhere");
            return new QemuProcesses(nowhere, new SysfsPciBus(nowhere));
        }
    }

    /// <summary>Skips the test when there is no libvirt to be had.</summary>
    public static void Require() => Assert.SkipUnless(Loads.Value, NotThere);

    /// <summary>A domain of the test driver.</summary>
    public static string Xml(Guid uuid, string name) =>
        $"<domain type='test'><name>{name}</name><uuid>{uuid}</uuid><memory unit='MiB'>64</memory><os><type>hvm</type></os></domain>";

    /// <summary>Threads of this process with a name.</summary>
    public static int CountThreads(string name) => Directory.EnumerateDirectories("/proc/self/task").Count(task => NameOf(task) == name);

    private static string NameOf(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).TrimEnd();
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return "";
        }
    }

    private static bool IsThere() => NativeLibrary.TryLoad(LibvirtNative.Library, out _);
}
