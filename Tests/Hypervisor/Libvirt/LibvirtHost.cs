using System.Diagnostics;
using System.Globalization;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Pci;
using PciBus.Tests.Support;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>
/// A host of its own on this machine: Debian's libvirtd with a network, processes and folders that nobody else sees. Its first process is
/// a shell, which obeys the lines that it reads. When there are no more lines, because this process has ended in whatever way, the shell
/// ends, and the kernel ends all else with it: libvirtd, QEMU, the network and the mounts.
/// </summary>
internal sealed class LibvirtHost : IDisposable
{
    /// <summary>A bridge of its own network.</summary>
    public const string Bridge = "guests0";

    private const string SetUp = """
        exec >"$folder/log" 2>&1
        hostname "$name"
        mount --bind "$folder/run" /run
        mount --bind "$folder/lib" /var/lib/libvirt
        mount --bind "$folder/cache" /var/cache/libvirt
        mount --bind "$folder/log.d" /var/log/libvirt
        mount --bind "$folder/etc" /etc/libvirt
        ip link set lo up
        ip link add guests0 type bridge && ip link set guests0 up
        mount -t sysfs sysfs "$folder/sys"
        """;

    /// <summary>A start is held in a phase for as long as there is a file of that phase's name.</summary>
    private const string Hook = """
        #!/bin/sh
        while [ -e /etc/libvirt/hold-$2 ]; do touch /etc/libvirt/held; sleep 0.1; done
        """;

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly string _address;
    private readonly Process _process;

    public LibvirtHost(string folder, string name, string address)
    {
        (_folder, _address) = (folder, address);
        foreach (var part in new[] { "run", "lib", "cache", "etc/hooks", "log.d", "sys" }) Directory.CreateDirectory(Path.Combine(folder, part));
        WriteSettings();
        _process = Process.Start(new ProcessStartInfo(
            "unshare", ["--mount", "--uts", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private", "bash"])
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        })!;
        Do($"folder={folder} name={name}\n{SetUp}\ntouch {folder}/ready");
    }

    /// <summary>Its libvirtd, for this process.</summary>
    public string Uri => $"qemu+unix:///system?socket={_folder}/run/libvirt/libvirt-sock&mode=legacy";

    /// <summary>Its libvirtd, for another host.</summary>
    public string MigrationUri => $"qemu+tcp://{_address}/system";

    /// <summary>Its own processes, and not those of the other host.</summary>
    public QemuProcesses Processes => new(
        new KernelFolder(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/root/proc")), new SysfsPciBus(new KernelFolder("/sys")));

    /// <summary>What its kernel says of its own interfaces.</summary>
    public KernelFolder Sysfs => new(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/root{_folder}/sys"));

    /// <summary>A start is being held.</summary>
    public bool IsHolding => File.Exists(PathOf("held"));

    /// <summary>Joins the networks of two hosts, and starts their libvirtds.</summary>
    public static async Task JoinAsync(LibvirtHost first, LibvirtHost second, CancellationToken cancellationToken)
    {
        foreach (var host in new[] { first, second })
        {
            await Patience.UntilAsync(() => File.Exists(Path.Combine(host._folder, "ready")), StartTime, host.Log, cancellationToken);
        }

        string Of(LibvirtHost host) => host._process.Id.ToString(CultureInfo.InvariantCulture);
        using var ip = Process.Start("ip", ["link", "add", "link0", "netns", Of(first), "type", "veth", "peer", "name", "link0", "netns", Of(second)]);
        await ip.WaitForExitAsync(cancellationToken);
        foreach (var host in new[] { first, second })
        {
            host.Do($"ip address add {host._address}/24 dev link0; ip link set link0 up");
            host.StartLibvirtd();
        }

        foreach (var host in new[] { first, second }) await host.AnswersAsync(cancellationToken);
    }

    /// <summary>Its libvirt has a network from now on, which leads to its bridge.</summary>
    public async Task MakeNetworkAsync(string network, CancellationToken cancellationToken)
    {
        await File.WriteAllTextAsync(
            PathOf("network.xml"),
            $"<network><name>{network}</name><forward mode='bridge'/><bridge name='{Bridge}'/></network>",
            cancellationToken);
        Do("virsh net-create /etc/libvirt/network.xml");
        await Patience.UntilAsync(async () =>
        {
            bool? isActive = null;
            await ByHandAsync(async connection => isActive = await connection.IsNetworkActiveAsync(network, cancellationToken), cancellationToken);
            return isActive == true;
        }, StartTime, Log, cancellationToken, network);
    }

    /// <summary>
    /// Mounts a folder over itself, by a file system of which libvirt believes that other hosts have it as well: without one it migrates no
    /// domain that has a disk.
    /// </summary>
    public Task ShareAsync(string folder, CancellationToken cancellationToken)
    {
        Do($"bindfs -o subtype=glusterfs,nonempty --forward-odirect=4096 {folder} {folder} && touch /etc/libvirt/shared");
        return Patience.UntilAsync(() => File.Exists(PathOf("shared")), StartTime, Log, cancellationToken);
    }

    /// <summary>Starts it, if it does not run.</summary>
    public void StartLibvirtd() => Do("kill -0 $libvirtd || { libvirtd --listen </dev/null & libvirtd=$!; }");

    public void KillLibvirtd() => Do("kill -KILL $libvirtd; wait $libvirtd");

    /// <summary>What libvirtd knows of its domains is gone; it must not run. The domains do.</summary>
    public void LoseState() => Do("rm -f /run/libvirt/qemu/*");

    /// <summary>Its libvirtd carries out one call at a time, beside lookups.</summary>
    public Task LimitWorkersAsync(CancellationToken cancellationToken)
    {
        SetWorkers(1);
        return UntilThreadPoolSaysAsync("nWorkers       : 1\n", cancellationToken);
    }

    public void FreeWorkers() => SetWorkers(20);

    /// <summary>Until its libvirtd keeps so many calls for later.</summary>
    public Task QueuesAsync(int calls, CancellationToken cancellationToken) =>
        UntilThreadPoolSaysAsync($"jobQueueDepth  : {calls}\n", cancellationToken);

    /// <summary>Ends what is left of a domain that libvirtd does not know.</summary>
    public void KillDomains() => Do("for one in /proc/[0-9]*; do grep -qs -- -uuid $one/cmdline && kill -KILL ${one#/proc/}; done");

    public void StopLibvirtd() => Do("kill -STOP $libvirtd");

    public void ContinueLibvirtd() => Do("kill -CONT $libvirtd");

    /// <summary>The next start of a domain is held in a phase.</summary>
    /// <param name="phase"><c>start</c>: its QEMU is not there yet; <c>started</c>: it runs, and nobody was told.</param>
    public void Hold(string phase) => File.WriteAllText(PathOf($"hold-{phase}"), "");

    public void LetGo()
    {
        foreach (var file in new[] { "hold-start", "hold-started", "held" }) File.Delete(PathOf(file));
    }

    /// <summary>Somebody does something without the agent.</summary>
    public async Task ByHandAsync(Func<LibvirtConnection, Task> call, CancellationToken cancellationToken)
    {
        await using var connection = await LibvirtConnection.OpenAsync(Uri, TimeProvider.System, cancellationToken);
        await call(connection);
    }

    /// <summary>Until its libvirtd takes calls; the first time it tries out its QEMU.</summary>
    public Task AnswersAsync(CancellationToken cancellationToken) => Patience.UntilAsync(async () =>
    {
        try
        {
            await ByHandAsync(connection => connection.GetVersionAsync(cancellationToken), cancellationToken);
            return true;
        }
        catch (LibvirtException)
        {
            return false;
        }
    }, StartTime, Log, cancellationToken, "libvirtd answers");

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private Task UntilThreadPoolSaysAsync(string text, CancellationToken cancellationToken)
    {
        var said = PathOf("threadpool");
        return Patience.UntilAsync(() =>
        {
            Do("virt-admin server-threadpool-info libvirtd > /etc/libvirt/threadpool.new && mv /etc/libvirt/threadpool.new /etc/libvirt/threadpool");
            return File.Exists(said) && File.ReadAllText(said).Contains(text, StringComparison.Ordinal);
        }, StartTime, () => File.Exists(said) ? File.ReadAllText(said) : "nothing", cancellationToken, text.Trim());
    }

    private void SetWorkers(int most) => Do($"virt-admin server-threadpool-set libvirtd --min-workers 1 --max-workers {most}");

    private void Do(string commands)
    {
        _process.StandardInput.WriteLine(commands);
        _process.StandardInput.Flush();
    }

    private string PathOf(string setting) => Path.Combine(_folder, "etc", setting);

    private string Log()
    {
        var files = new[] { "log", "log.d/libvirtd.log" }.Select(file => Path.Combine(_folder, file)).Where(File.Exists);
        return Patience.LastLines(string.Concat(files.Select(File.ReadAllText)));
    }

    private void WriteSettings()
    {
        File.WriteAllText(PathOf("libvirtd.conf"), $"""
            listen_tls = 0
            listen_tcp = 1
            listen_addr = "{_address}"
            auth_tcp = "none"
            auth_unix_rw = "none"
            host_uuid = "{Guid.NewGuid()}"
            log_outputs = "3:file:/var/log/libvirt/libvirtd.log"

            """);
        File.WriteAllText(PathOf("qemu.conf"), """
            user = "root"
            group = "root"
            security_driver = "none"
            stdio_handler = "file"
            remember_owner = 0
            namespaces = []
            cgroup_controllers = []

            """);
        var hook = PathOf("hooks/qemu");
        File.WriteAllText(hook, Hook);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
