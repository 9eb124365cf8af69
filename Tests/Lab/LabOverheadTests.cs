using System.Globalization;
using System.Text.RegularExpressions;
using PciBus.Contracts.PciDevices;
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

    /// <summary>There and back, by which agents and management have run all their code.</summary>
    private const int Before = 2;

    private static readonly TimeSpan Most = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Migration_TakesLittleLongerThanItsSteps()
    {
        await MigrateByHandAsync();
        await StartAsync("01:00.0|10GE,02:00.0|10GE");
        var guest = await DeployAsync(await Cluster.CreateSceneAsync("10GE,10GE"), "web1");
        var (overheads, times) = (new List<TimeSpan>(), new List<TimeSpan>());
        var clocks = await ClocksAsync();
        for (var i = 0; i < Before + Migrations; i++)
        {
            var to = i % 2 == 0 ? Second : First;
            var began = TimeProvider.System.GetUtcNow();
            await Api.RunAsync("migrateVirtualMachine", ("virtualmachineid", guest.Uuid));
            var ended = TimeProvider.System.GetUtcNow();
            var steps = (await TracedAsync(clocks)).Where(step => step.End > began && step.Begin < ended)
                .Select(step => step with { Begin = step.Begin > began ? step.Begin : began, End = step.End < ended ? step.End : ended }).ToList();
            var (whole, within) = (ended - began, Covered(steps));
            if (i >= Before)
            {
                overheads.Add(whole - within);
                times.Add(whole);
            }

            var told = steps.Where(step => step.Changes).Select(step => FormattableString.Invariant($"{step.What} {(step.End - step.Begin).TotalSeconds:0.0}"));
            Say(FormattableString.Invariant(
                $"to {to.Name}: {whole.TotalSeconds:0.0} s, of which libvirt and guest {within.TotalSeconds:0.0} s, without lookups {Covered(steps.Where(step => step.Changes)).TotalSeconds:0.0} s: {string.Join(", ", told)}"));
            await DrivesAsync(guest, to);
            await Cluster.AgreeAsync($"{guest.Uuid}", Token, $"{to.Name} 0000:01:00.0", $"{to.Name} 0000:02:00.0");
        }

        var median = overheads.Order().ElementAt(Migrations / 2);
        Lab.Tell("a migration with two devices, median", times.Order().ElementAt(Migrations / 2));
        Lab.Tell("of which neither libvirt nor the guest, median", median);
        Assert.True(median < Most, $"the overheads are {string.Join(", ", overheads.Select(time => time.TotalSeconds))} s");
    }

    /// <summary>The same steps by virsh, without PciBus.</summary>
    private async Task MigrateByHandAsync()
    {
        PciAddress[] cards = [PciAddress.Parse("01:00.0"), PciAddress.Parse("02:00.0")];
        foreach (var host in Lab.Hosts)
        {
            foreach (var card in cards) await host.BindAsync(card, Token);
        }

        var guest = new LabGuest("bare", Guid.NewGuid());
        await First.ByHandAsync(connection => connection.CreateAsync(guest.Xml(cards), Token), Token);
        await DrivesAsync(guest, First);
        var began = TimeProvider.System.GetTimestamp();
        await First.RunAsync(
            $"""
            set -e
            for one in 0 1; do virsh -q detach-device-alias {guest.Uuid} ua-pci-$one-1 --live & done
            wait
            while virsh dumpxml {guest.Uuid} | grep -q '<hostdev'; do sleep 0.1; done
            virsh -q migrate --live --p2p {guest.Uuid} {Second.MigrationUri} --migrateuri {Second.MemoryUri}
            """,
            Token);
        foreach (var card in cards)
        {
            await Second.RunAsync(
                $"echo \"{LabGuest.Device(card, $"ua-pci-{card.Bus}-2")}\" > /tmp/card.xml; virsh -q attach-device {guest.Uuid} /tmp/card.xml --live", Token);
        }

        Lab.Tell("the same migration by virsh", TimeProvider.System.GetElapsedTime(began));
        await DrivesAsync(guest, Second);
        await Second.ByHandAsync(connection => connection.DestroyAsync(guest.Uuid, Token), Token);
    }

    /// <summary>By how much each host's clock is ahead of this machine's.</summary>
    private async Task<IReadOnlyList<TimeSpan>> ClocksAsync()
    {
        var ahead = new List<TimeSpan>();
        foreach (var host in Lab.Hosts)
        {
            var began = TimeProvider.System.GetUtcNow();
            var there = double.Parse(await host.RunAsync("date +%s.%N", Token), CultureInfo.InvariantCulture);
            ahead.Add(DateTimeOffset.UnixEpoch.AddSeconds(there) - (began + ((TimeProvider.System.GetUtcNow() - began) / 2)));
        }

        return ahead;
    }

    /// <summary>What the hosts' libvirt and guests were asked so far, by this machine's clock.</summary>
    private async Task<IReadOnlyList<Step>> TracedAsync(IReadOnlyList<TimeSpan> clocks)
    {
        var steps = new List<Step>();
        foreach (var (host, ahead) in Lab.Hosts.Zip(clocks))
        {
            steps.AddRange(Traced().Matches(await LabCluster.AgentLogAsync(host, Token)).Select(match =>
            {
                var end = DateTimeOffset.Parse(match.Groups["at"].Value, CultureInfo.InvariantCulture) - ahead;
                var took = TimeSpan.FromMilliseconds(long.Parse(match.Groups["took"].Value, CultureInfo.InvariantCulture));
                return new Step(match.Groups["what"].Value, end - took, end, Changes: match.Groups["about"].Value != "libvirt");
            }));
        }

        return steps;
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

    [GeneratedRegex(@"^(?<at>\S+) (dbug|trce): \S+ (?<about>libvirt|[0-9a-f-]{36}): (?<what>.+) took (?<took>\d+) ms$", RegexOptions.Multiline)]
    private static partial Regex Traced();

    private sealed record Step(string What, DateTimeOffset Begin, DateTimeOffset End, bool Changes);
}
