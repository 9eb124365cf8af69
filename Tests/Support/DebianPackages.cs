using System.Diagnostics;

namespace PciBus.Tests.Support;

/// <summary>Installs what tests need of Debian's packages.</summary>
internal static class DebianPackages
{
    private static readonly TimeSpan InstallTime = TimeSpan.FromSeconds(75);

    /// <summary>apt refuses to run beside itself, and tests install in parallel, in several processes.</summary>
    private static readonly string Turn = Path.Combine(Path.GetTempPath(), "pcibus-test-packages.lock");

    /// <summary>Installs packages with what they need, and no more.</summary>
    /// <returns>Null, or why they are not there.</returns>
    public static string? Install(params string[] packages)
    {
        var names = string.Join(' ', packages);
        if (!Environment.IsPrivilegedProcess) return $"{names}: not installed, and only root can install it";
        if (!File.Exists("/usr/bin/apt-get")) return $"{names}: not installed, and this is no Debian";
        var script = $"apt-get update -qq && apt-get install -y -qq --no-install-recommends {names}";
        using var apt = Process.Start(new ProcessStartInfo("flock", [Turn, "/bin/sh", "-c", $"({script}) 2>&1"])
        {
            RedirectStandardOutput = true,
            Environment = { ["DEBIAN_FRONTEND"] = "noninteractive" },
        })!;
        var output = apt.StandardOutput.ReadToEndAsync();
        var time = Patience.Times(InstallTime);
        if (!apt.WaitForExit(time)) return $"{names}: not installed within {time.TotalSeconds:0} s";
        return apt.ExitCode == 0 ? null : $"{names}: could not be installed: {output.GetAwaiter().GetResult().Trim()}";
    }
}
