using PciBus.Management.Hosts.Fencing;
using PciBus.Tests.Simulation.Faults;
using PciBus.Tests.Simulation.Judge;

namespace PciBus.Tests.Simulation.World;

/// <summary>
/// The hosts' power switches. They take their time, and now and then do not work: then the host may be off all the same, and
/// nobody knows.
/// </summary>
internal sealed class SimulatedFencing(SimulationLoop loop, Random random, Trace trace, Tally tally, IReadOnlyList<HostMachine> hosts)
{
    public async Task<FencingFailure?> FenceAsync(string guid, TimeSpan timeout)
    {
        var host = hosts.Single(one => one.Guid == guid);
        var way = random.Next(6);
        await loop.PauseAsync(TimeSpan.FromMilliseconds(random.Next(100, 20_000)));
        if (way == 0)
        {
            Note(host, Fault.FencingFails);
            return new FencingFailure("exit code 1", "the switch does not answer");
        }

        if (way > 1 || random.Next(2) == 0) PowerOff(host);
        if (way == 1)
        {
            Note(host, Fault.FencingHangs);
            await loop.PauseAsync(timeout);
            return new FencingFailure("not done in time", null);
        }

        await loop.PauseAsync(TimeSpan.FromMilliseconds(random.Next(5_000)));
        return null;
    }

    /// <summary>Somebody comes after a while and sees what is wrong with it.</summary>
    private void PowerOff(HostMachine host)
    {
        Note(host, Fault.HostFenced);
        host.PowerOff();
        loop.After(TimeSpan.FromSeconds(random.Next(30, 200)), host.Start);
    }

    private void Note(HostMachine host, Fault fault)
    {
        tally.Count(fault);
        trace.Add(host.Guid, $"!! {fault}");
    }
}
