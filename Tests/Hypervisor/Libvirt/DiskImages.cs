using System.Diagnostics;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>QEMU's programs for disk images, as somebody calls them by hand.</summary>
internal static class DiskImages
{
    private static readonly Lazy<bool> AreThere = new(() => File.Exists("/usr/bin/qemu-img") || DebianPackages.Install("qemu-utils") is null);

    /// <summary>Skips the test when there are none.</summary>
    public static void Require()
    {
        OutOfProcessAttribute.Require("qemu-img");
        Assert.SkipUnless(AreThere.Value, "There is no qemu-img, and it could not be installed: install the package qemu-utils");
    }

    /// <summary>Makes an image.</summary>
    public static void Make(string path, params string[] options) => Assert.Equal(0, Run("qemu-img", ["create", "-q", .. options, path, "1M"]));

    /// <summary>Somebody writes into an image.</summary>
    public static void Write(string path) => Assert.Equal(0, Run("qemu-io", ["-f", "qcow2", "-c", "write -P 7 0 4k", path]));

    /// <summary>What was written is still there.</summary>
    public static bool HasWhatWasWritten(string path) => Run("qemu-io", ["-r", "-f", "qcow2", "-c", "read -P 7 0 4k", path]) == 0;

    private static int Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        // They say less than a pipe holds.
        process.WaitForExit();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{program}: {process.StandardOutput.ReadToEnd()}{process.StandardError.ReadToEnd()}");
        return process.ExitCode;
    }
}
