using System.Diagnostics;

namespace PciBus.Tests.Support;

/// <summary>
/// Two hosts with Debian's libvirtd and QEMU on this one machine, started by hand with folders and a network of their own, and
/// emulating in software; installed when they are missing and this is root. They end, with all their domains, when the test
/// process does, however that ends.
/// </summary>
internal static class LibvirtHosts
{
    public const string Collection = "libvirt";

    /// <summary>A libvirtd that ends is started again, as systemd does.</summary>
    private const string Run = """
        set -eu
        folder=$1
        ip link set lo up
        host() {
          host=$folder/$1
          mkdir -p "$host"/{run,state,config,cache,log}
          printf '%s\n' 'listen_tls = 0' 'listen_tcp = 1' 'listen_addr = "127.0.0.1"' "tcp_port = \"$2\"" 'auth_tcp = "none"' 'auth_unix_rw = "none"' \
            'unix_sock_group = "root"' "host_uuid = \"$(cat /proc/sys/kernel/random/uuid)\"" "log_outputs = \"3:file:$host/log/libvirtd.log\"" >"$host/config/libvirtd.conf"
          printf '%s\n' 'security_driver = "none"' 'user = "root"' 'group = "root"' 'dynamic_ownership = 0' 'remember_owner = 0' 'stdio_handler = "file"' \
            'namespaces = []' 'cgroup_controllers = []' "migration_port_min = $3" "migration_port_max = $(($3 + 20))" >"$host/config/qemu.conf"
          mkdir -p /run/libvirt /var/lib/libvirt /etc/libvirt /var/cache/libvirt /var/log/libvirt
          mount --bind "$host/run" /run/libvirt
          mount --bind "$host/state" /var/lib/libvirt
          mount --bind "$host/config" /etc/libvirt
          mount --bind "$host/cache" /var/cache/libvirt
          mount --bind "$host/log" /var/log/libvirt
          while :; do
            libvirtd --listen -p "$host/libvirtd.pid" </dev/null >>"$host/log/out" 2>&1 || true
            sleep 0.2
          done
        }
        export -f host
        export folder
        unshare --mount bash -euc 'host a 16509 49200' &
        unshare --mount bash -euc 'host b 16510 49300' &
        cat >/dev/null
        rm -rf "$folder"
        """;

    private static readonly Lazy<string?> WhyNot = new(Start);
    private static string _folder = "";
    private static Process? _process;

    public static LibvirtHost First => new(Path.Combine(_folder, "a"), "qemu+tcp://127.0.0.1:16509/system");

    public static LibvirtHost Second => new(Path.Combine(_folder, "b"), "qemu+tcp://127.0.0.1:16510/system");

    /// <summary>Why there are none on this machine; null when there are.</summary>
    public static string? Missing => WhyNot.Value;

    private static string? Start()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) return "libvirt's hosts for the tests need root on Linux";
        if (!HasPrograms() && (Install() is { } trouble)) return trouble;
        _folder = Directory.CreateTempSubdirectory("pcibus-libvirt-").FullName;
        _process = Process.Start(new ProcessStartInfo(
            "unshare", ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", Run, "libvirt", _folder])
        {
            // Its end, when this process is gone, is what the script waits for.
            RedirectStandardInput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        })!;
        _ = _process.StandardError.ReadToEndAsync();
        PostgreSqlServer.AtExit(() => _process.StandardInput.Close());
        var began = Stopwatch.StartNew();
        using var moment = new ManualResetEventSlim();
        while (began.Elapsed < TimeSpan.FromSeconds(90) && !_process.HasExited)
        {
            if (First.Answers() && Second.Answers())
            {
                Console.WriteLine($"libvirt for the tests: two libvirtd in {_folder}");
                return null;
            }

            moment.Wait(TimeSpan.FromMilliseconds(200));
        }

        return $"libvirtd did not start; {_folder}/a/log tells why";
    }

    private static bool HasPrograms() => new[] { "/usr/sbin/libvirtd", "/usr/bin/virsh", "/usr/bin/qemu-system-x86_64", "/usr/bin/qemu-img", "/usr/bin/unshare", "/usr/sbin/ip" }.All(File.Exists);

    private static string? Install()
    {
        // Nothing is started by it: the tests have their own.
        foreach (var (program, arguments) in new (string, string[])[]
        {
            ("apt-get", ["update", "-qq"]),
            ("env", ["DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends", "libvirt-daemon-system", "libvirt-clients", "qemu-system-x86", "qemu-utils", "iproute2"]),
        })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
                process.StandardOutput.ReadToEnd();
                process.WaitForExit();
            }
            catch (System.ComponentModel.Win32Exception)
            {
                break;
            }
        }

        return HasPrograms() ? null : "libvirt-daemon-system, libvirt-clients, qemu-system-x86 and qemu-utils are not there, and could not be installed";
    }
}
