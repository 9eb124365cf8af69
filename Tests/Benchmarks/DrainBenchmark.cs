using System.Diagnostics;
using PciBus.Management.Drain;
using PciBus.Management.PciDevices;

namespace PciBus.Tests.Benchmarks;

/// <summary>How long it takes to plan how a host with 200 virtual machines is emptied to 50 others.</summary>
internal static class DrainBenchmark
{
    private static readonly MoveEstimates Estimates = new(TimeSpan.FromSeconds(10), 1L << 30);

    public static async Task PlanAsync()
    {
        foreach (var (name, lists, devices) in Kinds)
        {
            var (moved, isMaximum) = (0, false);
            await Figure.MedianAsync($"plan of 200 VMs x 50 hosts, {name}", "s", () =>
            {
                // Not a source of secrets.
                var random = new Random(1);
                var vms = Enumerable.Range(1, 200).Select(i => new MovingVm(
                    i, $"vm{i}", PciDeviceNames.ParseList(lists[random.Next(lists.Length)]), 1000 * random.Next(1, 5), random.NextInt64(1, 9) << 30, i % 7 == 0 ? "ssd" : "")).ToList();
                var targets = Enumerable.Range(1, 50).Select(i => new MoveTarget(
                    i, $"kvm{i}", PciDeviceNames.Of(Enumerable.Range(0, random.Next(devices + 1)).Select(_ => "ABC"[random.Next(3)].ToString())),
                    random.Next(4000, 20_000), random.NextInt64(4, 40) << 30, i % 3 == 0 ? "ssd" : "")).ToList();
                var clock = Stopwatch.StartNew();
                var plan = DrainPlanner.Plan(vms, targets, Estimates);
                (moved, isMaximum) = (plan.Moves.Count(move => move.Moves), plan.IsMaximum);
                return Task.FromResult(clock.Elapsed.TotalSeconds);
            });
            Figure.Print($"plan of 200 VMs x 50 hosts, {name}, moved ({(isMaximum ? "the maximum" : "perhaps not the maximum")})", "VMs", [moved]);
        }
    }

    private static (string Name, string[] Lists, int Devices)[] Kinds =>
    [
        ("one device each", ["A", "B", "C"], 8),
        ("any devices", ["", "A", "B", "A,A", "A,B", "A,B,C", "C,C"], 8),
        ("hardly any room", ["A,A", "A,A,A", "A,B", "B,C,C"], 5),
    ];
}
