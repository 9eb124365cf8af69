using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Agent.Hypervisor;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Agent.Pci;
using PciBus.Agent.Registration;

namespace PciBus.Tests.Hypervisor;

/// <summary>Two simulated hosts, in real time.</summary>
internal sealed class SimulatedBench : HypervisorBench
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-bench-").FullName;
    private readonly SimulatedHypervisor _first;
    private readonly SimulatedHypervisor _second;

    private SimulatedBench() => (_first, _second) = (Make("a", TimeSpan.FromSeconds(2)), Make("b", TimeSpan.FromMilliseconds(100)));

    public override IHypervisor First => _first;

    public override IPciInventory FirstDevices => _first;

    public override IHypervisor Second => _second;

    public static async Task<HypervisorBench> OpenAsync(CancellationToken cancellationToken)
    {
        var bench = new SimulatedBench();
        await bench._first.OpenAsync(cancellationToken);
        await bench._second.OpenAsync(cancellationToken);
        return bench;
    }

    public override void MakeDeaf() => _first.Faults = _first.Faults with { IgnoreShutdown = true };

    public override void SlowDown(Guid domain)
    {
        // Its migrations take that long as they are.
    }

    public override void PowerOff(Guid domain) => _first.PowerOff(domain);

    public override void Pause(Guid domain) => _first.Pause(domain);

    public override void Resume(Guid domain) => _first.Resume(domain);

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
        return new SimulatedHypervisor(Path.Combine(_folder, name), name, settings, () => [], Guid.NewGuid, TimeProvider.System, NullLogger<SimulatedHypervisor>.Instance);
    }
}
