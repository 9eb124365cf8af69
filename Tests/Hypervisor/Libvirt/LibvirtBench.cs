using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Xml.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>
/// Two real hosts of libvirt. No device of this machine can be given to a domain: the devices of <see cref="HypervisorBench.Stand"/> are
/// emulated sources of random numbers, under the aliases of devices of the host. Guests have no operating system, and hear nothing.
/// </summary>
internal sealed class LibvirtBench : HypervisorBench
{
    private readonly LibvirtHosts _hosts;
    private readonly LibvirtHypervisor _first;
    private readonly LibvirtHypervisor _second;
    private readonly ConcurrentQueue<LibvirtEvent> _told = new();
    private LibvirtConnection _outside = null!;
    private Task _listening = Task.CompletedTask;

    private LibvirtBench(LibvirtHosts hosts) => (_hosts, _first, _second) = (hosts, Make(hosts.First), Make(hosts.Second));

    public override IHypervisor First => _first;

    public override IPciInventory FirstDevices => new NodeDevices(_outside);

    public override IHypervisor Second => _second;

    /// <summary>What the first host's libvirtd told somebody else.</summary>
    public IReadOnlyCollection<LibvirtEvent> Told => _told;

    public static async Task<LibvirtBench> OpenAsync(LibvirtHosts hosts, CancellationToken cancellationToken)
    {
        var bench = new LibvirtBench(hosts);
        await bench._first.OpenAsync(cancellationToken);
        await bench._second.OpenAsync(cancellationToken);
        bench._outside = await LibvirtConnection.OpenAsync(hosts.First.Uri, TimeProvider.System, cancellationToken);
        bench._listening = bench.ListenAsync();
        return bench;
    }

    /// <param name="host">The host.</param>
    /// <param name="timeProvider">The clock of deadlines; default: the system's.</param>
    /// <param name="settings">Its settings, beside those by which it is reached.</param>
    public static LibvirtHypervisor Make(LibvirtHost host, TimeProvider? timeProvider = null, LibvirtProperties? settings = null) =>
        new(
            (settings ?? new LibvirtProperties()) with { Uri = host.Uri, DomainType = "qemu", MigrationUri = host.MigrationUri },
            new MachineIdentity(), host.Processes, timeProvider ?? TimeProvider.System, NullLogger<LibvirtHypervisor>.Instance, host.Sysfs);

    /// <summary>An emulated device under the alias of a device of the host.</summary>
    public static XElement Emulated(PciDeviceTO device) => XElement.Parse(
        $"<rng model='virtio'><backend model='random'>/dev/urandom</backend><alias name='{LibvirtDeviceXml.AliasOf(device)}'/></rng>");

    public override void MakeDeaf()
    {
        // They are.
    }

    public override Task SlowDownAsync(Guid domain) => SlowDownAsync(_outside, domain);

    public override Task PowerOffAsync(Guid domain) => _outside.DestroyAsync(domain, default);

    public override Task PauseAsync(Guid domain) => _outside.SuspendAsync(domain, default);

    public override Task ResumeAsync(Guid domain) => _outside.ResumeAsync(domain, default);

    public override Task ResetAsync(Guid domain) => _outside.ResetAsync(domain, default);

    public override Task AttachAsync(Guid domain, PciDeviceTO device, CancellationToken cancellationToken) =>
        _first.AttachAsync(domain, Emulated(device), device.Address, cancellationToken);

    public override Task DetachAsync(Guid domain, PciDeviceTO device, CancellationToken cancellationToken) =>
        _first.DetachAsync(domain, LibvirtDeviceXml.AliasOf(device), cancellationToken);

    public override async Task<bool> HasAsync(Guid domain, PciDeviceTO device) =>
        await _outside.FindDomainAsync(domain, default) is { } found
        && XElement.Parse(found.Xml).Descendants("alias").Any(alias => alias.Attribute("name")?.Value == LibvirtDeviceXml.AliasOf(device));

    public override Task TakeAwayAsync()
    {
        _hosts.First.KillLibvirtd();
        return Task.CompletedTask;
    }

    public override Task BringBackAsync()
    {
        _hosts.First.StartLibvirtd();
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        // A test that failed may have left it so.
        _hosts.First.LetGo();
        _hosts.First.StartLibvirtd();
        await _hosts.First.AnswersAsync(default);
        foreach (var hypervisor in new[] { _first, _second })
        {
            foreach (var domain in await hypervisor.ListDomainsAsync(default)) await hypervisor.DestroyAsync(domain.Uuid, default);
            await hypervisor.DisposeAsync();
        }

        await _outside.DisposeAsync();
        await _listening;
    }

    /// <summary>A mebibyte a second: what has more memory migrates for seconds.</summary>
    public static Task SlowDownAsync(LibvirtConnection connection, Guid domain) =>
        connection.RunAsync("virDomainMigrateSetMaxSpeed", LibvirtDeadlines.Look, handle =>
        {
            using var found = LibvirtNative.virDomainLookupByUUIDString(handle, domain.ToString());
            return LibvirtSession.Checked(virDomainMigrateSetMaxSpeed(found, 1, 0));
        }, default);

    private async Task ListenAsync()
    {
        await foreach (var happened in _outside.Events.ReadAllAsync()) _told.Enqueue(happened);
    }

    [DllImport(LibvirtNative.Library)]
    private static extern int virDomainMigrateSetMaxSpeed(LibvirtDomainHandle domain, nuint bandwidth, uint flags);
}
