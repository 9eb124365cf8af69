using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Libvirt;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;
using PciBus.Tests.Hypervisor;
using PciBus.Tests.Hypervisor.Libvirt;

namespace PciBus.Tests.Lab;

/// <summary>The two emulated hosts: domains are KVM's, and their devices are real to VFIO. Guests have no operating system.</summary>
internal sealed class LabBench : HypervisorBench
{
    /// <summary>Two cards, two functions of a third, and a device that is no card.</summary>
    private static readonly PciAddress[] Devices =
        [.. ((string[])["01:00.0", "02:00.0", "05:00.0", "05:00.1", "08:00.0"]).Select(PciAddress.Parse)];

    private readonly EmulatedHost _host;
    private readonly LibvirtHypervisor _first;
    private readonly LibvirtHypervisor _second;
    private readonly LibvirtConnection _outside;

    private LabBench(LabFixture lab, LibvirtConnection outside) =>
        (_host, _first, _second, _outside) = (lab.First, Make(lab.First), Make(lab.Second), outside);

    public override IHypervisor First => _first;

    public override IPciInventory FirstDevices => new NodeDevices(_outside);

    public override IHypervisor Second => _second;

    public static async Task<HypervisorBench> OpenAsync(LabFixture lab, CancellationToken cancellationToken)
    {
        foreach (var device in Devices) await lab.First.BindAsync(device, cancellationToken);
        var bench = new LabBench(lab, await LibvirtConnection.OpenAsync(lab.First.Uri, TimeProvider.System, cancellationToken));
        await bench._first.OpenAsync(cancellationToken);
        await bench._second.OpenAsync(cancellationToken);
        return bench;
    }

    public override PciDeviceTO Device(int number) => Stand(number) with { Address = Devices[number - 1] };

    public override void MakeDeaf()
    {
        // They are.
    }

    public override Task SlowDownAsync(Guid domain) => LibvirtBench.SlowDownAsync(_outside, domain);

    public override Task PowerOffAsync(Guid domain) => _outside.DestroyAsync(domain, default);

    public override Task PauseAsync(Guid domain) => _outside.SuspendAsync(domain, default);

    public override Task ResumeAsync(Guid domain) => _outside.ResumeAsync(domain, default);

    public override Task ResetAsync(Guid domain) => _outside.ResetAsync(domain, default);

    public override Task AttachAsync(Guid domain, PciDeviceTO device, CancellationToken cancellationToken) =>
        _first.AttachDeviceAsync(domain, device, null, cancellationToken);

    public override Task DetachAsync(Guid domain, PciDeviceTO device, CancellationToken cancellationToken) =>
        _first.DetachDeviceAsync(domain, device.Address, cancellationToken);

    public override async Task<bool> HasAsync(Guid domain, PciDeviceTO device) =>
        await _outside.FindDomainAsync(domain, default) is { } found
        && LibvirtDomainReader.Read(found).PciDevices.Contains(device.Address);

    /// <summary>The port of this machine is open while the host's is not.</summary>
    public override string NobodyThere => "Cannot recv data: Connection reset by peer";

    public override async Task TakeAwayAsync() => await _host.RunAsync("kill -9 $(cat /run/libvirtd.pid)", default);

    public override async Task BringBackAsync() => await _host.RunAsync("libvirtd -d --listen", default);

    public override async ValueTask DisposeAsync()
    {
        // A test that failed may have left it so.
        await _host.RunAsync("kill -0 $(cat /run/libvirtd.pid) 2> /dev/null || libvirtd -d --listen", default);
        await _outside.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    private static LibvirtHypervisor Make(EmulatedHost host) => new(
        new LibvirtProperties { Uri = host.Uri, MigrationUri = host.MigrationUri }, new MachineIdentity(), LibvirtLibrary.NoProcesses, TimeProvider.System,
        NullLogger<LibvirtHypervisor>.Instance);
}
