using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Contracts.PciDevices;
using PciBus.Tests.Support;

namespace PciBus.Tests.Lab;

/// <summary>A KVM host in software: IOMMU, PCI devices, libvirt and QEMU are real, the processor is not.</summary>
/// <param name="number">1 or 2.</param>
/// <param name="folder">Where its console and its sockets lie.</param>
internal sealed class EmulatedHost(int number, string folder) : IAsyncDisposable
{
    /// <summary>Between two looks at what is on a host: each takes its processor for half a second.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>On an idle machine; two of them at once.</summary>
    private static readonly TimeSpan BootTime = TimeSpan.FromSeconds(40);

    private static readonly TimeSpan CommandTime = TimeSpan.FromSeconds(30);

    private readonly int _libvirtPort = FreePort.Next();
    private readonly int _commandPort = FreePort.Next();
    private readonly StringBuilder _errors = new();
    private Process? _process;

    public string Name { get; } = $"lab{number}";

    /// <summary>How this machine reaches its libvirt.</summary>
    public string Uri => $"qemu+tcp://127.0.0.1:{_libvirtPort}/system";

    /// <summary>Its address on the link between the two.</summary>
    public string Address { get; } = $"10.99.0.{number}";

    /// <summary>How the other host reaches its libvirt, and where it sends memory.</summary>
    public string MigrationUri => $"qemu+tcp://{Address}/system";

    /// <inheritdoc cref="MigrationUri"/>
    public string MemoryUri => $"tcp://{Address}";

    /// <summary>When it is next powered on its first two cards are in each other's slot.</summary>
    public bool IsSwapped { get; set; }

    /// <summary>It has power.</summary>
    public bool IsOn => _process is not null;

    private string Console => Path.Combine(folder, $"host{number}.console");

    /// <summary>Powers it on, and waits until its libvirtd runs.</summary>
    /// <param name="broker">The port of a broker on this machine, which the host sees as 10.0.2.100:5672; null for none.</param>
    /// <param name="agentDisk">A disk with the agent's program; null for none.</param>
    public async Task StartAsync(int? broker, string? agentDisk, CancellationToken cancellationToken)
    {
        OutOfProcessAttribute.Require("an emulated host");
        Directory.CreateDirectory(folder);
        File.Delete(Console);
        var start = new ProcessStartInfo(Checkout.PathOf("Tests", "Lab", "start-host"), [$"{number}", folder, agentDisk ?? ""])
        {
            RedirectStandardError = true,
            Environment = { ["LIBVIRT_PORT"] = $"{_libvirtPort}", ["COMMAND_PORT"] = $"{_commandPort}", ["BROKER_PORT"] = $"{broker}", ["LAB_SWAPPED"] = IsSwapped ? "1" : "" },
        };
        _process = new Process { StartInfo = start };
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginErrorReadLine();
        await Patience.UntilAsync(
            () => _process.HasExited
                ? throw new InvalidOperationException($"{Name} ended by itself:\n{LastSeen()}")
                : File.Exists(Console) && File.ReadAllText(Console).Contains("LAB-READY", StringComparison.Ordinal),
            BootTime, LastSeen, cancellationToken, $"{Name} is up");
    }

    /// <summary>Runs a shell script on the host.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message has what it printed.</exception>
    public async Task<string> RunAsync(string script, CancellationToken cancellationToken)
    {
        const string end = "\nEXIT ";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience.Times(CommandTime));
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _commandPort, patience.Token);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{Convert.ToBase64String(Encoding.UTF8.GetBytes(script))}\n"), patience.Token);
        using var reader = new StreamReader(stream);
        var output = await reader.ReadToEndAsync(patience.Token);
        var code = output.LastIndexOf(end, StringComparison.Ordinal);
        if (code < 0) throw new InvalidOperationException($"{Name} did not answer \"{script}\": {output}");
        var printed = output[..code];
        return output[(code + end.Length)..].Trim() == "0" ? printed : throw new InvalidOperationException($"{Name}: \"{script}\" failed: {printed}");
    }

    /// <summary>Somebody does something without the agent.</summary>
    public async Task ByHandAsync(Func<LibvirtConnection, Task> call, CancellationToken cancellationToken)
    {
        await using var connection = await LibvirtConnection.OpenAsync(Uri, TimeProvider.System, cancellationToken);
        await call(connection);
    }

    /// <summary>Binds a device to vfio-pci, as an operator would.</summary>
    public Task BindAsync(PciAddress device, CancellationToken cancellationToken) => RunAsync(
        $"""
        cd /sys/bus/pci/devices/{device}
        echo vfio-pci > driver_override
        [ ! -e driver ] || echo {device} > driver/unbind
        echo {device} > /sys/bus/pci/drivers_probe
        [ "$(basename $(readlink driver))" = vfio-pci ]
        """,
        cancellationToken);

    /// <summary>Ends its domains and its agent.</summary>
    public Task EndAllAsync(CancellationToken cancellationToken) => RunAsync(
        """
        for one in /proc/[0-9]*; do if grep -qs opt/pcibus/Agent $one/cmdline; then kill -9 ${one#/proc/}; fi; done
        for one in $(virsh -q list --uuid); do virsh -q destroy $one; done
        rm -rf /var/lib/pcibus
        """,
        cancellationToken);

    /// <summary>Pulls the plug.</summary>
    public async Task PowerOffAsync()
    {
        if (_process is not { } process) return;
        _process = null;
        if (!process.HasExited) process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    public async ValueTask DisposeAsync() => await PowerOffAsync();

    private string LastSeen()
    {
        var console = File.Exists(Console) ? File.ReadAllText(Console) : "nothing on its console";
        lock (_errors) return $"{Patience.LastLines(console)}\n{_errors}";
    }

    private void Keep(string? line)
    {
        lock (_errors) _errors.AppendLine(line);
    }
}
