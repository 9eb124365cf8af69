using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Lab;

/// <summary>What PciBus adds to a migration: its time, less what libvirt and the guest take, as the agents trace it.</summary>
[Collection(LabFixture.Name)]
[OutOfProcess]
[OnlyInAll("emulated hosts")]
public sealed partial class LabOverheadTests(LabFixture lab, BrokerFixture broker) : LabScenario(lab, broker, whole: true)
{
    private const int Migrations = 5;

    private static readonly TimeSpan Most = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Migration_TakesLittleLongerThanItsSteps()
    {
        await StartAsync("01:00.0|10GE,02:00.0|10GE");
        var guest = await DeployAsync(await Cluster.CreateSceneAsync("10GE,10GE"), "web1");
        var overheads = new List<TimeSpan>();
        for (var i = 0; i < Migrations; i++)
        {
            var to = i % 2 == 0 ? Second : First;
            var before = await TracesAsync();
            var clock = Stopwatch.StartNew();
            await Api.RunAsync("migrateVirtualMachine", ("virtualmachineid", guest.Uuid));
            var whole = clock.Elapsed;
            var steps = (await TracesAsync()).Select((trace, host) => trace.Skip(before[host].Count).ToList()).ToList();
            var within = steps.Aggregate(TimeSpan.Zero, (sum, trace) => sum + Covered(trace));
            overheads.Add(whole - within);
            var told = steps.SelectMany(trace => trace).Select(step => FormattableString.Invariant($"{step.What} {(step.End - step.Begin).TotalSeconds:0.0}"));
            Say(FormattableString.Invariant(
                $"to {to.Name}: {whole.TotalSeconds:0.0} s, of which libvirt and guest {within.TotalSeconds:0.0} s: {string.Join(", ", told)}"));
            await DrivesAsync(guest, to);
            await Cluster.AgreeAsync($"{guest.Uuid}", Token, $"{to.Name} 0000:01:00.0", $"{to.Name} 0000:02:00.0");
        }

        var median = overheads.Order().ElementAt(Migrations / 2);
        Lab.Tell("overhead of a migration, median", median);
        Assert.True(median < Most, $"the overheads are {string.Join(", ", overheads.Select(time => time.TotalSeconds))} s");
    }

    /// <summary>The changes that each host's libvirt and guests have made so far.</summary>
    private async Task<IReadOnlyList<IReadOnlyList<Step>>> TracesAsync()
    {
        var traces = new List<IReadOnlyList<Step>>();
        foreach (var host in Lab.Hosts)
        {
            traces.Add([.. Traced().Matches(await LabCluster.AgentLogAsync(host, Token)).Select(match =>
            {
                var end = DateTimeOffset.Parse(match.Groups["at"].Value, CultureInfo.InvariantCulture);
                var took = TimeSpan.FromMilliseconds(long.Parse(match.Groups["took"].Value, CultureInfo.InvariantCulture));
                return new Step(match.Groups["what"].Value, end - took, end);
            })]);
        }

        return traces;
    }

    /// <summary>The time in which any of the steps was going on.</summary>
    private static TimeSpan Covered(IEnumerable<Step> steps)
    {
        var (covered, until) = (TimeSpan.Zero, DateTimeOffset.MinValue);
        foreach (var step in steps.OrderBy(step => step.Begin).Where(step => step.End > until))
        {
            covered += step.End - (step.Begin > until ? step.Begin : until);
            until = step.End;
        }

        return covered;
    }

    [GeneratedRegex(@"^(?<at>\S+) dbug: \S+ [0-9a-f-]{36}: (?<what>.+) took (?<took>\d+) ms$", RegexOptions.Multiline)]
    private static partial Regex Traced();

    private sealed record Step(string What, DateTimeOffset Begin, DateTimeOffset End);
}
