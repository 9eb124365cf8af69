using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace PciBus.Tests.Support;

/// <summary>One of the <see cref="LibvirtHosts"/>.</summary>
/// <param name="Folder">Its files.</param>
/// <param name="MigrationUri">Where the other one finds it.</param>
internal sealed record LibvirtHost(string Folder, string MigrationUri)
{
    public string Uri => $"qemu+unix:///system?socket={Folder}/run/libvirt-sock";

    public bool Answers() => Try("version").ExitCode == 0;

    /// <summary>What somebody does on the host without PciBus.</summary>
    public string Virsh(params string[] arguments)
    {
        var (exitCode, output) = Try(arguments);
        Assert.True(exitCode == 0, $"virsh {string.Join(' ', arguments)}: {output}");
        return output;
    }

    /// <summary>Sends a signal to its libvirtd: it is started again when it ends.</summary>
    public void Signal(string name)
    {
        using var process = Process.Start("kill", [$"-{name}", $"{ProcessId}"]);
        process.WaitForExit();
    }

    /// <summary>
    /// The libvirtd as this process sees it: its own file has the number that it has within its namespace.
    /// </summary>
    private int ProcessId => Directory.EnumerateDirectories("/proc").Select(path => Path.GetFileName(path))
        .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _))
        .Where(name => CommandLineOf(name).StartsWith($"libvirtd\0--listen\0-p\0{Folder}/", StringComparison.Ordinal))
        .Select(name => int.Parse(name, CultureInfo.InvariantCulture)).Single();

    private static string CommandLineOf(string process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private (int ExitCode, string Output) Try(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("virsh", ["-q", "-c", Uri, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.GetAwaiter().GetResult());
    }
}
