namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>
/// Finds what a template's url names among the files of one folder of the host. API users name urls: no other file is ever reached, but
/// where the operator has put a link into the folder.
/// </summary>
/// <param name="folder">Full path; its <see cref="Find"/> describes what lies in it.</param>
internal sealed class TemplateFolder(string folder)
{
    public const string Kernel = "vmlinuz";
    public const string InitialFileSystem = "initrd";
    public const string CommandLine = "cmdline";

    private static readonly string[] Formats = [DiskImage.Qcow2, DiskImage.Raw];

    /// <summary>
    /// The template at an url: a folder with <c>vmlinuz</c>, and <c>initrd</c> and <c>cmdline</c> (a line of text) where it needs them;
    /// with <c>disk.qcow2</c> or <c>disk.raw</c>; or with both.
    /// </summary>
    /// <param name="url">
    /// E.g. <c>file:///var/lib/pcibus/templates/small</c>; null or empty for none: the guest stays in its firmware.
    /// </param>
    /// <exception cref="HypervisorException">The host has no such template; the message says what is allowed.</exception>
    public GuestTemplate Find(string? url)
    {
        if (string.IsNullOrEmpty(url)) return new GuestTemplate(null, null);
        if (url.Contains('\0', StringComparison.Ordinal) || url.Contains("%00", StringComparison.Ordinal)
            || !Uri.TryCreate(url, UriKind.Absolute, out var uri) || !uri.IsFile || uri.Host.Length > 0) throw Refusal(url);
        // What is written as .. or %2e%2e has been resolved by now, and is again if anything is left of it.
        var path = Path.GetFullPath(uri.LocalPath);
        if (!path.StartsWith(Path.GetFullPath(folder).TrimEnd('/') + "/", StringComparison.Ordinal)) throw Refusal(url);
        var template = new GuestTemplate(KernelIn(path), DiskIn(path, url));
        return template is { Kernel: null, Disk: null } ? throw Refusal(url) : template;
    }

    private static GuestKernel? KernelIn(string path)
    {
        var kernel = Path.Combine(path, Kernel);
        if (!File.Exists(kernel)) return null;
        var initial = Path.Combine(path, InitialFileSystem);
        return new GuestKernel(kernel, File.Exists(initial) ? initial : null, ReadCommandLine(Path.Combine(path, CommandLine)));
    }

    private static DiskImage? DiskIn(string path, string url)
    {
        var disks = Formats.Select(format => new DiskImage(Path.Combine(path, $"disk.{format}"), format))
            .Where(disk => File.Exists(disk.Path)).ToList();
        return disks.Count > 1
            ? throw new HypervisorException(LibvirtFailures.InternalError, 0, $"the template \"{url}\" has two disks, of which one must go")
            : disks.FirstOrDefault();
    }

    private static string ReadCommandLine(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path).Trim() : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HypervisorException(LibvirtFailures.InternalError, 0, $"the template cannot be read: {e.Message}");
        }
    }

    private HypervisorException Refusal(string url) => new(
        LibvirtFailures.InternalError, 0,
        $"this host has no template \"{url}\"; allowed is file://{folder}/NAME, a folder with the file {Kernel}, disk.qcow2 or disk.raw");
}

/// <summary>What a guest is made of.</summary>
/// <param name="Kernel">What it boots from; null: its disk, or nothing.</param>
/// <param name="Disk">What its own disk begins with; null: it has none.</param>
internal sealed record GuestTemplate(GuestKernel? Kernel, DiskImage? Disk);

/// <summary>What a guest boots from instead of a disk.</summary>
/// <param name="Kernel">A file of the host.</param>
/// <param name="InitialFileSystem">Another; null for none.</param>
/// <param name="CommandLine">For the kernel.</param>
internal sealed record GuestKernel(string Kernel, string? InitialFileSystem, string CommandLine);
