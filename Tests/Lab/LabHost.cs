using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;

namespace PciBus.Tests.Lab;

/// <summary>
/// A KVM host in software emulation: a machine with an IOMMU and network cards behind ports of their own, libvirt, and the agent.
/// It reaches the broker under one address, the other host on a link, and nothing else.
/// </summary>
/// <param name="folder">What image/build has made.</param>
/// <param name="number">1 or 2.</param>
/// <param name="brokerPort">The broker's port on loopback.</param>
internal sealed partial class LabHost(string folder, int number, int brokerPort) : IAsyncDisposable
{
    private const string Properties = "/etc/pcibus/agent.properties";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(4);

    private readonly int _port = FreePort.Next();
    private readonly List<string> _lines = [];
    private Process? _machine;

    public string Name => $"kvm{number}";

    /// <summary>What its cards' addresses begin with; a guest that has a lease on one has the card of this host.</summary>
    public string Macs => $"52:54:00:0{number}:";

    /// <summary>The name of a card in its offering, and where each sits.</summary>
    public static IReadOnlyList<string> Cards => ["0000:01:00.0", "0000:02:00.0"];

    private string RunFolder => Path.Combine(folder, "run");

    private string ConsoleFile => Path.Combine(RunFolder, $"{Name}.console");

    /// <summary>Switches it on.</summary>
    public void PowerOn()
    {
        Directory.CreateDirectory(RunFolder);
        File.Delete(ConsoleFile);
        File.Delete(Link(number));
        var tree = Path.Combine(folder, "tree");
        // The QEMU of the tree with the libraries of the tree, as this machine's may be older, or none.
        var start = new ProcessStartInfo(Path.Combine(tree, "lib64/ld-linux-x86-64.so.2"))
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in Arguments(tree)) start.ArgumentList.Add(argument);
        _machine = Process.Start(start)!;
        _machine.ErrorDataReceived += (_, line) => Keep(line.Data);
        _machine.BeginErrorReadLine();
        // For Tests/Lab/run, should this process be killed.
        File.WriteAllText(Path.Combine(RunFolder, $"{Name}.pid"), _machine.Id.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Waits until libvirt answers on it.</summary>
    public Task WaitUntilUpAsync(CancellationToken cancellationToken) => Condition.BecomesTrueAsync(
        () => _machine is { HasExited: false }
            ? Task.FromResult(ReadConsole().Contains("LAB-HOST-READY", StringComparison.Ordinal))
            : throw new InvalidOperationException($"{Name} ended: {string.Join('\n', _lines)}"),
        StartTimeout,
        () => $"{Name} did not start: {ReadConsole()}",
        cancellationToken);

    /// <summary>Starts the agent.</summary>
    /// <param name="guests">More for the kernel's command line of its guests.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task StartAgentAsync(string guests, CancellationToken cancellationToken)
    {
        string[] lines =
        [
            $"guid=lab-{Name}", $"name={Name}", "zone=zone1", "pod=pod1", "cluster=cluster1", "agent.data.folder=/var/lib/pcibus",
            "bus.address=amqp://guest:guest@10.0.2.100:5672", $"private.ip.address=10.99.0.{number}", "stop.wait=5s",
            "hypervisor.type=kvm", "kvm.cpu=host-passthrough", $"kvm.migration.uri=qemu+tcp://10.99.0.{number}/system",
            "kvm.kernel=/lab/kernel", "kvm.initrd=/lab/guest-initrd", "kvm.consoles=/var/log/guests",
            $"kvm.cmdline=console=ttyS0 quiet mitigations=off tsc=reliable nokaslr cryptomgr.notests {guests}",
            $"pci.devices={string.Join(',', Cards.Select(card => $"{card}|NIC"))}",
        ];
        await DoAsync(
            $"""
            mkdir -p /var/lib/pcibus
            cat >{Properties} <<'END'
            {string.Join('\n', lines)}
            END
            DOTNET_ROOT=/opt/dotnet setsid /opt/dotnet/dotnet /opt/pcibus/Agent.dll run --properties {Properties} >>/var/log/agent.log 2>&1 </dev/null &
            echo $! >/run/agent.pid
            """,
            cancellationToken);
    }

    /// <summary>Ends the agent.</summary>
    /// <param name="signal">TERM as systemd does, KILL as nobody should.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task EndAgentAsync(string signal, CancellationToken cancellationToken) => DoAsync(
        $"[ -e /run/agent.pid ] || exit 0; pid=$(cat /run/agent.pid); kill -{signal} $pid; while [ -d /proc/$pid ] && ! grep -q '^State:.Z' /proc/$pid/status; do sleep 0.1; done; rm /run/agent.pid",
        cancellationToken);

    /// <summary>Somebody starts a domain by hand that holds a device.</summary>
    public Task StartHolderAsync(string device, CancellationToken cancellationToken) => DoAsync(
        $"""
        cat >/run/holder.xml <<'END'
        <domain type='kvm'><name>holder</name><memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='q35'>hvm</type></os>
        <devices><memballoon model='none'/><hostdev mode='subsystem' type='pci' managed='no'><source>
        <address domain='0x{device[..4]}' bus='0x{device[5..7]}' slot='0x{device[8..10]}' function='0x{device[11..]}'/>
        </source></hostdev></devices></domain>
        END
        virsh -q create --paused /run/holder.xml
        """,
        cancellationToken);

    public Task EndHolderAsync(CancellationToken cancellationToken) => DoAsync("virsh -q destroy holder", cancellationToken);

    /// <summary>Waits until the agent has logged a line.</summary>
    /// <param name="pattern">For grep.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task WaitForAgentLogAsync(string pattern, CancellationToken cancellationToken) =>
        DoAsync($"for try in $(seq 1200); do grep -q '{pattern}' /var/log/agent.log && exit 0; sleep 0.1; done; exit 1", cancellationToken);

    /// <summary>Waits until libvirt carries a domain over to another host.</summary>
    public Task WaitForJobAsync(string vm, CancellationToken cancellationToken) =>
        DoAsync($"for try in $(seq 600); do virsh -q domjobinfo {vm} 2>/dev/null | grep -q 'Outgoing migration' && exit 0; sleep 0.2; done; exit 1", cancellationToken);

    /// <summary>What is in the XML of all its domains, as libvirt has it: the addresses of the devices, in order.</summary>
    public async Task<IReadOnlyList<string>> DevicesOfDomainsAsync(CancellationToken cancellationToken)
    {
        var xml = await DoAsync("for domain in $(virsh -q list --uuid); do virsh -q dumpxml $domain | sed -n '/<hostdev/,/<\\/hostdev>/p' | sed -n '/<source>/,/<\\/source>/p'; done", cancellationToken);
        return
        [
            .. AddressInXml().Matches(xml).Select(match => $"{match.Groups[1].Value}:{match.Groups[2].Value}:{match.Groups[3].Value}.{match.Groups[4].Value}").Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>What a guest has written to its console on this host.</summary>
    public Task<string> ConsoleOfGuestAsync(string vmId, CancellationToken cancellationToken) =>
        DoAsync($"cat /var/log/guests/{vmId}.log 2>/dev/null || true", cancellationToken);

    /// <summary>Runs a script on it; one that fails is an exception.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> DoAsync(string script, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _port, cancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(script)) + "\n"), cancellationToken);
        using var reader = new StreamReader(stream);
        var output = new StringBuilder();
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (!line.StartsWith("LAB-CODE ", StringComparison.Ordinal)) output.AppendLine(line);
            else if (line == "LAB-CODE 0") return output.ToString();
            else throw new InvalidOperationException($"{Name}: {script}\n{output}{line}");
        }

        throw new IOException($"{Name} has hung up: {script}\n{output}");
    }

    /// <summary>Pulls the plug.</summary>
    public async Task PowerOffAsync()
    {
        if (_machine is null) return;
        if (!_machine.HasExited) _machine.Kill();
        await _machine.WaitForExitAsync();
        _machine.Dispose();
        _machine = null;
        File.Delete(Path.Combine(RunFolder, $"{Name}.pid"));
    }

    public async ValueTask DisposeAsync() => await PowerOffAsync();

    [GeneratedRegex(@"domain='0x(\w+)' bus='0x(\w+)' slot='0x(\w+)' function='0x(\w+)'")]
    private static partial Regex AddressInXml();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private string Link(int which) => Path.Combine(RunFolder, Text($"link{which}.sock"));

    private IEnumerable<string> Arguments(string tree)
    {
        string[] libraries = ["--library-path", $"{tree}/usr/lib/x86_64-linux-gnu", $"{tree}/usr/bin/qemu-system-x86_64"];
        string[] machine =
        [
            "-L", $"{tree}/usr/share/seabios", "-L", $"{tree}/usr/share/qemu", "-name", $"pcibus-lab-{Name}", "-nodefaults", "-display", "none", "-no-reboot", "-nic", "none",
            // Emulated SVM is there with "max", and so the guests are KVM guests.
            "-accel", "tcg,thread=multi,tb-size=512", "-machine", "q35,kernel-irqchip=split", "-cpu", "max", "-smp", "1", "-m", "2048",
            "-device", "intel-iommu,intremap=on,caching-mode=on,device-iotlb=on,aw-bits=48",
            "-kernel", "kernel", "-initrd", "host-initrd",
            "-append", Text($"console=ttyS0 quiet intel_iommu=on iommu=nopt no_timer_check panic=-1 mitigations=off tsc=reliable nokaslr audit=0 random.trust_cpu=on cryptomgr.notests lab.number={number}"),
            "-serial", $"file:{ConsoleFile}",
            "-drive", "if=none,id=disk,file=host.ext4,format=raw,snapshot=on",
            "-device", "virtio-blk-pci,drive=disk,addr=0x3,iommu_platform=on,disable-legacy=on", "-device", "virtio-rng-pci,addr=0x6",
        ];
        string[] networks =
        [
            "-netdev", Text($"user,id=control,restrict=on,hostfwd=tcp:127.0.0.1:{_port}-:2222,guestfwd=tcp:10.0.2.100:5672-cmd:socat -lf /dev/null STDIO TCP:127.0.0.1:{brokerPort}"),
            "-device", Text($"virtio-net-pci,netdev=control,mac=52:54:00:00:00:0{number},addr=0x4,romfile="),
            "-netdev", $"dgram,id=link,local.type=unix,local.path={Link(number)},remote.type=unix,remote.path={Link(3 - number)}",
            "-device", Text($"virtio-net-pci,netdev=link,mac=52:54:00:00:01:0{number},addr=0x5,romfile="),
        ];
        // Each behind a port, and so in an IOMMU group, of its own.
        var cards = Cards.Index().SelectMany(card => new[]
        {
            "-device", Text($"pcie-root-port,id=port{card.Index},bus=pcie.0,chassis={card.Index + 1},slot={card.Index + 1},addr=0x10.{card.Index}{(card.Index == 0 ? ",multifunction=on" : "")}"),
            "-netdev", Text($"user,id=card{card.Index},restrict=on,net=10.77.{card.Index + 1}.0/24"),
            "-device", Text($"e1000e,bus=port{card.Index},netdev=card{card.Index},mac={Macs}0{card.Index + 1}:01,romfile="),
        });
        return [.. libraries, .. machine, .. networks, .. cards];
    }

    private string ReadConsole()
    {
        try
        {
            using var file = new FileStream(ConsoleFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd();
        }
        catch (FileNotFoundException)
        {
            return "";
        }
    }

    private void Keep(string? line)
    {
        lock (_lines) _lines.Add(line ?? "");
    }
}
