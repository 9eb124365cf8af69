using System.Diagnostics;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Lab;

/// <summary>Two emulated KVM hosts, for all tests of the lab, which run one after the other. <c>Tests/Lab/run</c> runs them.</summary>
[CollectionDefinition(Name)]
public sealed class LabFixture(BrokerFixture broker) : ICollectionFixture<LabFixture>, IAsyncLifetime
{
    public const string Name = "lab";

    /// <summary>Set by <c>Tests/Lab/run</c>: what the lab takes is in no other run.</summary>
    public const string Variable = "PCIBUS_LAB_RUNS";

    /// <summary>Value of <see cref="Variable"/> with which all tests of the lab run; with any other the shorter half of them.</summary>
    public const string Whole = "all";

    private static readonly TimeSpan BuildTime = TimeSpan.FromMinutes(3);

    private static readonly string AgentDisk = Path.Combine(
        Environment.GetEnvironmentVariable("PCIBUS_LAB") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "pcibus", "lab"),
        "agent.ext4");

    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-lab-").FullName;
    private readonly List<string> _table = [];
    private EmulatedHost[] _hosts = [];
    private int _broker;

    internal IReadOnlyList<EmulatedHost> Hosts => _hosts;

    internal EmulatedHost First => _hosts[0];

    internal EmulatedHost Second => _hosts[1];

    /// <summary>Skips the test unless the lab is what runs.</summary>
    /// <param name="whole">The test is only in the lab's whole run.</param>
    public static void Require(bool whole = false)
    {
        Assert.SkipUnless(Runs, "the lab of emulated hosts: Tests/Lab/run");
        Assert.SkipWhen(whole && Environment.GetEnvironmentVariable(Variable) != Whole, "the whole lab: Tests/Lab/run --all");
    }

    private static bool Runs => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    public async ValueTask InitializeAsync()
    {
        if (!Runs) return;
        var cancellationToken = TestContext.Current.CancellationToken;
        var began = TimeProvider.System.GetTimestamp();
        await BuildAsync(cancellationToken);
        var built = TimeProvider.System.GetElapsedTime(began);
        _broker = new Uri(await broker.CleanAsync(cancellationToken)).Port;
        _hosts = [new EmulatedHost(1, _folder), new EmulatedHost(2, _folder)];
        await Task.WhenAll(_hosts.Select(host => PowerOnAsync(host, cancellationToken)));
        Tell("both hosts are built", built);
        Tell("both hosts are up", TimeProvider.System.GetElapsedTime(began) - built);
    }

    /// <summary>A line of the table that the lab's run ends with.</summary>
    internal void Tell(string what, TimeSpan time, string result = "")
    {
        lock (_table) _table.Add(FormattableString.Invariant($"| {what} | {time.TotalSeconds:0.0} | {result} |"));
    }

    internal Task PowerOnAsync(EmulatedHost host, CancellationToken cancellationToken) => host.StartAsync(_broker, AgentDisk, cancellationToken);

    /// <summary>Ends what a test has left on the hosts.</summary>
    internal async Task EndAllAsync(CancellationToken cancellationToken)
    {
        foreach (var host in _hosts.Where(host => host.IsOn)) await host.EndAllAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts) await host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        if (_table.Count > 0) Console.WriteLine(string.Join('\n', ["", "| lab | seconds | |", "|---|---|---|", .. _table, ""]));
    }

    private static async Task BuildAsync(CancellationToken cancellationToken)
    {
        using var build = Process.Start(new ProcessStartInfo(Checkout.PathOf("Tests", "Lab", "build")) { RedirectStandardError = true })!;
        var errors = build.StandardError.ReadToEndAsync(cancellationToken);
        await build.WaitForExitAsync(cancellationToken).WaitAsync(Patience.Times(BuildTime), cancellationToken);
        if (build.ExitCode != 0) throw new InvalidOperationException($"Tests/Lab/build failed: {Patience.LastLines(await errors)}");
    }
}
