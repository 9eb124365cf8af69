using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;
using PciBus.Contracts.PciDevices;

namespace PciBus.Tests.Hypervisor;

/// <summary>Two simulated hosts, in real time.</summary>
internal sealed class SimulatedBench : HypervisorBench
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-bench-").FullName;
    private readonly SimulatedHypervisor _first;
    private readonly SimulatedHypervisor _second;

    private static IReadOnlyList<PciDeviceEntry> Devices { get; } =
        [.. Enumerable.Range(1, 5).Select(Stand).Select(device => new PciDeviceEntry(device.Address, device.Name))];

    private SimulatedBench() => (_first, _second) = (Make("a", TimeSpan.FromSeconds(2)), Make("b", TimeSpan.FromMilliseconds(100)));

    public override IHypervisor First => _first;

    public override IPciInventory FirstDevices => _first;

    public override IHypervisor Second => _second;

    public static async Task<HypervisorBench> OpenAsync(CancellationToken cancellationToken)
    {
        var bench = new SimulatedBench();
        await bench._first.OpenAsync(cancellationToken);
        await bench._second.OpenAsync(cancellationToken);
        bench._first.Faults = new FaultPlan { Guests = [new GuestFault(GuestBehaviour.Deaf)] };
        return bench;
    }

    public override void MakeDeaf() => _first.Faults = _first.Faults with { IgnoreShutdown = true };

    // Its migrations take that long as they are.
    public override Task SlowDownAsync(Guid domain) => Task.CompletedTask;

    public override Task PowerOffAsync(Guid domain) => Task.FromResult(_first.PowerOff(domain));

    public override Task PauseAsync(Guid domain) => Task.FromResult(_first.Pause(domain));

    public override Task ResumeAsync(Guid domain) => Task.FromResult(_first.Resume(domain));

    public override Task ResetAsync(Guid domain) => Task.FromResult(_first.Reset(domain));

    public override Task AttachAsync(Guid domain, PciDeviceTO device, CancellationToken cancellationToken) =>
        _first.AttachDeviceAsync(domain, device, null, cancellationToken);

    public override Task DetachAsync(Guid domain, PciDeviceTO device, CancellationToken cancellationToken) =>
        _first.DetachDeviceAsync(domain, device.Address, cancellationToken);

    public override async Task<bool> HasAsync(Guid domain, PciDeviceTO device) =>
        await _first.FindDomainAsync(domain, default) is { } found && found.PciDevices.Contains(device.Address);

    public override Task TakeAwayAsync() => Task.FromResult(_first.Faults = _first.Faults with { Unreachable = true });

    public override Task BringBackAsync() => Task.FromResult(_first.Faults = _first.Faults with { Unreachable = false });

    public override async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private SimulatedHypervisor Make(string name, TimeSpan migrationTime)
    {
        var settings = new SimulatorProperties
        {
            StartTime = TimeSpan.FromMilliseconds(100),
            StopTime = TimeSpan.FromMilliseconds(100),
            HotplugTime = TimeSpan.FromMilliseconds(100),
            MigrationTime = migrationTime,
        };
        return new SimulatedHypervisor(Path.Combine(_folder, name), name, settings, () => Devices, Guid.NewGuid, TimeProvider.System, NullLogger<SimulatedHypervisor>.Instance);
    }
}
