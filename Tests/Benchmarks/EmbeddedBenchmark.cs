using System.Diagnostics;
using PciBus.Tests.EndToEnd;
using PciBus.Tests.Support;

namespace PciBus.Tests.Benchmarks;

/// <summary>What the embedded mode does through its API, as a process of its own with a simulated hypervisor without delays.</summary>
internal static class EmbeddedBenchmark
{
    private const int Hosts = 100;
    private const int DevicesOfHost = 32;
    private const int WarmUp = 1500;
    private const int Deployments = 1500;
    private const int Clients = 16;

    /// <summary>Deployments of one device per second, from the first request until the last machine is Running.</summary>
    public static Task DeploymentsAsync() => Figure.MedianAsync("deployments to Running through the API, embedded", "1/s", async () =>
    {
        await using var management = NewProcess(withHosts: true);
        await management.StartAsync(Hosts, default);
        var scene = await TestScene.CreateAsync(management.Api, "10GE");
        await DeployAsync(management, scene, WarmUp, WarmUp);
        var clock = Stopwatch.StartNew();
        await DeployAsync(management, scene, Deployments, WarmUp + Deployments);
        var perSecond = Deployments / clock.Elapsed.TotalSeconds;
        await EndAsync(management);
        return perSecond;
    });

    /// <summary>Resident memory of a process with the three hosts that come with PciBus and nothing to do.</summary>
    public static Task IdleMemoryAsync() => Figure.MedianAsync("resident memory, embedded and idle", "MB", async () =>
    {
        await using var management = NewProcess(withHosts: false);
        await management.StartAsync(3, default);
        await Task.Delay(TimeSpan.FromSeconds(15), TimeProvider.System);
        using var process = Process.GetProcessById(int.Parse(
            await File.ReadAllTextAsync(Path.Combine(management.DataFolder, "management.pid")), System.Globalization.CultureInfo.InvariantCulture));
        var megabytes = process.WorkingSet64 / 1e6;
        await EndAsync(management);
        return megabytes;
    });

    private static ManagementProcess NewProcess(bool withHosts)
    {
        var management = new ManagementProcess(Directory.CreateTempSubdirectory("pcibus-bench").FullName, pingInterval: 10);
        for (var host = 1; withHosts && host <= Hosts; host++)
        {
            var devices = string.Join(',', Enumerable.Range(0, DevicesOfHost).Select(i => $"28:{i / 8:x2}.{i % 8}|10GE"));
            management.AddHost($"kvm{host}", $"guid-{host}", devices, "simulator.start.time=0", "simulator.stop.time=0");
        }

        return management;
    }

    private static async Task DeployAsync(ManagementProcess management, TestScene scene, int count, int running)
    {
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i <= count; i = Interlocked.Increment(ref next)) await scene.RequestAsync($"vm{i}");
        }));
        await Patience.UntilAsync(
            async () => (int?)(await scene.Api.CallAsync("listVirtualMachines", ("state", "Running"), ("page", 1), ("pagesize", 1)))["count"] == running,
            TimeSpan.FromSeconds(30),
            () => management.LastLines,
            default,
            $"{running} machines run");
    }

    private static async Task EndAsync(ManagementProcess management)
    {
        await management.KillAsync();
        Directory.Delete(management.DataFolder, recursive: true);
    }
}
