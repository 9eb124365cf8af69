using System.Globalization;
using System.Text;
using PciBus.Agent.Pci;
using PciBus.Contracts.PciDevices;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// The processes in which domains run. A libvirtd whose state in /run/libvirt is lost shows none of them, and they go on with their
/// devices.
/// </summary>
/// <param name="proc">The processes of the host.</param>
/// <param name="bus">Its PCI devices.</param>
internal sealed class QemuProcesses(KernelFolder proc, SysfsPciBus bus)
{
    /// <summary>Longer than the kernel allows a command line of libvirt's to become with a few hundred devices.</summary>
    private const int LongestCommandLine = 1 << 20;

    /// <summary>Where a process that drives a device has its IOMMU group open, by number.</summary>
    private const string Groups = "/dev/vfio/";

    public IReadOnlyList<QemuProcess> List() =>
        [.. (proc.Names("") ?? []).Where(name => name.All(char.IsAsciiDigit)).Select(Read).OfType<QemuProcess>()];

    /// <summary>It still runs.</summary>
    public bool IsThere(QemuProcess process) => Read(process.Number)?.Uuid == process.Uuid;

    private QemuProcess? Read(string number)
    {
        // Of a process that has ended nothing is left here, also while nobody has asked for its end.
        if (proc.Bytes($"{number}/cmdline", LongestCommandLine) is not { Length: > 0 } bytes) return null;
        var arguments = Encoding.UTF8.GetString(bytes).Split('\0');
        return Guid.TryParse(ValueOf(arguments, "-uuid"), out var uuid)
            ? new QemuProcess(
                number, uuid, NameIn(ValueOf(arguments, "-name")) is { Length: > 0 } name ? name : $"{uuid}", [.. DevicesOf(number)])
            : null;
    }

    private static string? ValueOf(string[] arguments, string key) =>
        arguments.SkipWhile(argument => argument != key).Skip(1).FirstOrDefault();

    /// <summary>The name in <c>guest=NAME,debug-threads=on</c>; libvirt writes a comma in a name twice.</summary>
    private static string? NameIn(string? value)
    {
        const string key = "guest=";
        // No argument has it.
        const char comma = '\0';
        var parts = value?.Replace(",,", $"{comma}", StringComparison.Ordinal).Split(',') ?? [];
        return Array.Find(parts, part => part.StartsWith(key, StringComparison.Ordinal))?[key.Length..].Replace(comma, ',');
    }

    private IEnumerable<PciAddress> DevicesOf(string number) =>
        (proc.Names($"{number}/fd") ?? []).Select(file => GroupOf(proc.LinkText($"{number}/fd/{file}"))).OfType<int>()
            .SelectMany(group => bus.Members(group) ?? []);

    private static int? GroupOf(string? file) =>
        file?.StartsWith(Groups, StringComparison.Ordinal) == true
        && int.TryParse(file.AsSpan(Groups.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var group) ? group : null;
}

/// <summary>A process that runs a domain.</summary>
/// <param name="Number">Its process id.</param>
/// <param name="Uuid">The domain's uuid.</param>
/// <param name="Name">The domain's name.</param>
/// <param name="PciDevices">Devices of the IOMMU groups that it has open.</param>
internal sealed record QemuProcess(string Number, Guid Uuid, string Name, IReadOnlyList<PciAddress> PciDevices)
{
    /// <summary>The domain that runs in it, and that libvirt does not show.</summary>
    public Domain ToDomain() => new(Uuid, Name, DomainState.Running, HasJob: true, PciDevices)
    {
        Trouble = $"process {Number} runs the domain, and libvirt does not show it: end the process, or restart libvirt where its state in "
            + "/run/libvirt was restored",
    };
}
