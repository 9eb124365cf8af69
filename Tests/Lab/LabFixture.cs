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

    private static readonly TimeSpan BuildTime = TimeSpan.FromMinutes(3);

    private static readonly string AgentDisk = Path.Combine(
        Environment.GetEnvironmentVariable("PCIBUS_LAB") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "pcibus", "lab"),
        "agent.ext4");

    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-lab-").FullName;
    private EmulatedHost[] _hosts = [];

    internal IReadOnlyList<EmulatedHost> Hosts => _hosts;

    internal EmulatedHost First => _hosts[0];

    internal EmulatedHost Second => _hosts[1];

    /// <summary>Skips the test unless the lab is what runs.</summary>
    public static void Require() => Assert.SkipWhen(!Runs, "the lab of emulated hosts: Tests/Lab/run");

    private static bool Runs => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 };

    public async ValueTask InitializeAsync()
    {
        if (!Runs) return;
        var cancellationToken = TestContext.Current.CancellationToken;
        var began = TimeProvider.System.GetTimestamp();
        await BuildAsync(cancellationToken);
        var built = TimeProvider.System.GetElapsedTime(began);
        var port = new Uri(await broker.CleanAsync(cancellationToken)).Port;
        _hosts = [new EmulatedHost(1, _folder), new EmulatedHost(2, _folder)];
        await Task.WhenAll(_hosts.Select(host => host.StartAsync(port, AgentDisk, cancellationToken)));
        var up = TimeProvider.System.GetElapsedTime(began);
        Console.WriteLine(FormattableString.Invariant($"lab: built in {built.TotalSeconds:0} s, both hosts up after {up.TotalSeconds:0} s"));
    }

    /// <summary>Ends what a test has left on the hosts.</summary>
    internal async Task EndAllAsync(CancellationToken cancellationToken)
    {
        foreach (var host in _hosts) await host.EndAllAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts) await host.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task BuildAsync(CancellationToken cancellationToken)
    {
        using var build = Process.Start(new ProcessStartInfo(Checkout.PathOf("Tests", "Lab", "build")) { RedirectStandardError = true })!;
        var errors = build.StandardError.ReadToEndAsync(cancellationToken);
        await build.WaitForExitAsync(cancellationToken).WaitAsync(Patience.Times(BuildTime), cancellationToken);
        if (build.ExitCode != 0) throw new InvalidOperationException($"Tests/Lab/build failed: {Patience.LastLines(await errors)}");
    }
}
