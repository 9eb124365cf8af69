using System.Text.RegularExpressions;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// Identity of the machine, and of its boot. The machine is known by the uuid of its mainboard; where that is worthless, by the uuid that
/// libvirt's settings give the host; else by the installation's machine-id.
/// </summary>
/// <param name="root">The file system in which the host's files are looked for.</param>
internal sealed partial class MachineIdentity(string root = "/")
{
    /// <summary>What makers of mainboards leave there on every board; one whose bytes are all the same is worthless as well.</summary>
    private static readonly Guid[] Worthless =
    [
        new("03000200-0400-0500-0006-000700080009"),
        new("00020003-0004-0005-0006-000700080009"),
        new("12345678-1234-5678-90ab-cddeefaabbcc"),
    ];

    private static readonly string[] Settings = ["etc/libvirt/libvirtd.conf", "etc/libvirt/virtqemud.conf"];

    /// <summary>The kernel makes another at each boot.</summary>
    public string BootId => ReadLine("proc/sys/kernel/random/boot_id") ?? throw new IOException("the kernel tells no boot id");

    /// <param name="hostUuid">The uuid by which libvirt knows the host; null when it knows none.</param>
    /// <exception cref="IOException">The machine has no identity.</exception>
    public string Find(string? hostUuid) =>
        Worth(ReadLine("sys/class/dmi/id/product_uuid"))
        ?? (IsGiven ? Worth(hostUuid) : null)
        ?? ReadLine("etc/machine-id")
        ?? throw new IOException("the machine has no identity: give it one with machine.id");

    /// <summary>Where the mainboard has none and its settings give none, libvirt makes up another uuid each time it starts.</summary>
    private bool IsGiven => Settings.Select(path => Path.Combine(root, path)).Any(
        path => File.Exists(path) && GivesUuid().IsMatch(File.ReadAllText(path)));

    private static string? Worth(string? text) =>
        Guid.TryParse(text, out var uuid) && !Worthless.Contains(uuid) && uuid.ToByteArray().Distinct().Skip(1).Any()
            ? uuid.ToString()
            : null;

    /// <summary>The file's line; null when there is no file, it may not be read, or is empty.</summary>
    private string? ReadLine(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, path)).Trim() is { Length: > 0 } line ? line : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex("""^[ \t]*host_uuid([ \t]*=|_source[ \t]*=[ \t]*"machine-id")""", RegexOptions.Multiline)]
    private static partial Regex GivesUuid();
}
