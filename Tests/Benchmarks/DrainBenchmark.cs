using System.Diagnostics;
using PciBus.Management.Drain;
using PciBus.Management.PciDevices;

namespace PciBus.Tests.Benchmarks;

/// <summary>How long it takes to plan how a host is emptied to others, and how many move.</summary>
internal static class DrainBenchmark
{
    private static readonly MoveEstimates Estimates = new(TimeSpan.FromSeconds(5), 1000L << 20);

    public static async Task PlanAsync()
    {
        foreach (var kind in Kinds)
        {
            var what = $"plan of {kind.Vms} VMs x {kind.Hosts} hosts, {kind.Name}";
            var (placed, most) = (0, 0);
            await Figure.MedianAsync(what, "s", () =>
            {
                var (vms, targets) = Sketch(kind);
                var clock = Stopwatch.StartNew();
                var plan = DrainPlanner.Plan(vms, targets, Estimates);
                (placed, most) = (plan.Placed, plan.Most);
                return Task.FromResult(clock.Elapsed.TotalSeconds);
            });
            Figure.Print($"{what}, placed, of {most} at most", "VMs", [placed]);
        }
    }

    private static Kind[] Kinds =>
    [
        new("one device each", 200, 50, ["A", "B", "C"], 6) { Plenty = 100 },
        new("one device each, hardly any RAM", 200, 50, ["A", "B", "C"], 8),
        new("any devices", 200, 50, ["", "A", "B", "A,A", "A,B", "A,B,C", "C,C"], 8),
        new("hardly any room", 200, 50, ["A,A", "A,A,A", "A,B", "B,C,C"], 5),
        new("others are leaving", 200, 50, ["", "A", "B", "A,A", "A,B", "A,B,C", "C,C"], 4) { Leaving = true },
        new("the largest that is looked at", 1000, 200, ["", "A", "B", "A,A", "A,B", "A,B,C", "C,C"], 4) { Leaving = true },
    ];

    private static (List<MovingVm> Vms, List<MoveTarget> Targets) Sketch(Kind kind)
    {
        // Not a source of secrets.
        var random = new Random(1);
        List<MovingVm> vms = [.. Enumerable.Range(1, kind.Vms).Select(i => new MovingVm(
            i, $"vm{i}", PciDeviceNames.ParseList(kind.Lists[random.Next(kind.Lists.Length)]), 1000 * random.Next(1, 5), random.NextInt64(1, 9) << 30, i % 7 == 0 ? "ssd" : ""))];
        List<MoveTarget> targets = [.. Enumerable.Range(1, kind.Hosts).Select(i => new MoveTarget(
            i, $"kvm{i}", Devices(), kind.Plenty * random.Next(4000, 20_000), kind.Plenty * random.NextInt64(4, 40) << 30, i % 3 == 0 ? "ssd" : "")
        {
            Occupants = kind.Leaving
                ? [.. Enumerable.Range(1, 4).Select(j => new Occupant((100_000 * i) + j, "other", Devices(), 1000, 4L << 30, IsLeaving: j == 1))]
                : [],
        })];
        return (vms, targets);

        PciDeviceNames Devices() => PciDeviceNames.Of(Enumerable.Range(0, random.Next(kind.Devices + 1)).Select(_ => "ABC"[random.Next(3)].ToString()));
    }

    /// <param name="Lists">What one of the virtual machines asks for.</param>
    /// <param name="Devices">A host has so many free at most.</param>
    private sealed record Kind(string Name, int Vms, int Hosts, string[] Lists, int Devices)
    {
        /// <summary>Processors and RAM are so many times what they usually are.</summary>
        public int Plenty { get; init; } = 1;

        /// <summary>Each host has four others, of whom one is leaving.</summary>
        public bool Leaving { get; init; }
    }
}
