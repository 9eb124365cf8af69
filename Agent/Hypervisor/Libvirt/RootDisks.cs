using System.Diagnostics;
using PciBus.Agent.Hypervisor.Libvirt.Native;
using PciBus.Agent.Registration;
using PciBus.Contracts.VirtualMachines;

namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>The disks of VMs: overlays on their template, made at the first start and kept after it.</summary>
internal sealed class RootDisks(KvmProperties settings)
{
    /// <summary>The VM's disk; null when VMs have none on this host.</summary>
    /// <exception cref="HypervisorException">There is no such template, or the disk cannot be made.</exception>
    public string? Find(VirtualMachineTO vm, CancellationToken cancellationToken)
    {
        if (PathOf(vm) is not { } disk || File.Exists(disk)) return PathOf(vm);
        var url = vm.Template!;
        var template = Path.Combine(settings.Templates!, NameOf(url));
        if (!File.Exists(template)) throw Refused($"there is no template {template}, for {url}");
        // Under another name until it is whole, which a crash does not end.
        var half = $"{disk}.new";
        Make(template, half, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            // One that is there by now is not ours to replace.
            File.Move(half, disk, overwrite: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused($"{disk} cannot be made: {e.Message}");
        }

        return disk;
    }

    /// <summary>Where the VM's disk is, or will be; null when it has none on this host.</summary>
    public string? PathOf(VirtualMachineTO vm) =>
        settings is { Templates: not null, Disks: { } disks } && vm.Template is not null ? Path.Combine(disks, $"{vm.Uuid}.qcow2") : null;

    /// <summary>The last part of a template's URL: the name of a file, and never the way out of its folder.</summary>
    public static string NameOf(string url)
    {
        var path = Uri.TryCreate(url, UriKind.Absolute, out var uri) ? Uri.UnescapeDataString(uri.AbsolutePath) : url;
        var name = Path.GetFileName(path.TrimEnd('/'));
        return name is "" or "." or ".." || name.Any(char.IsControl) ? throw Refused($"the template's URL {url} does not end in the name of a file") : name;
    }

    private static void Make(string template, string disk, CancellationToken cancellationToken)
    {
        try
        {
            var format = FormatOf(template);
            using var process = Process.Start(new ProcessStartInfo("qemu-img", ["create", "-q", "-f", "qcow2", "-F", format, "-b", template, disk])
            {
                RedirectStandardError = true,
            })!;
            using var end = cancellationToken.Register(process.Kill);
            var trouble = process.StandardError.ReadToEnd();
            process.WaitForExit();
            cancellationToken.ThrowIfCancellationRequested();
            if (process.ExitCode != 0) throw Refused($"qemu-img cannot make {disk}: {trouble.Trim()}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused($"{template} cannot be read: {e.Message}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw Refused($"qemu-img cannot be run (Debian: qemu-utils): {e.Message}");
        }
    }

    private static string FormatOf(string template)
    {
        Span<byte> magic = stackalloc byte[4];
        using var file = File.OpenRead(template);
        return file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual((ReadOnlySpan<byte>)[0x51, 0x46, 0x49, 0xfb]) ? "qcow2" : "raw";
    }

    private static HypervisorException Refused(string what) => new(LibvirtError.OperationInvalid, 0, $"Requested operation is not valid: {what}");
}
