using System.Diagnostics;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Bus;

/// <summary>Three nodes of a broker on loopback, each with an address of its own, of which one can be parted from the others.</summary>
internal sealed class BrokerCluster : IAsyncDisposable
{
    /// <summary>Who is alone stops serving until he is not: else both sides would go on, and forget one side's queues when they meet.</summary>
    private const string Minority = "cluster_partition_handling = pause_minority";

    private readonly List<string[]> _filters = [];

    private BrokerCluster(IReadOnlyList<BrokerNode> nodes) => Nodes = nodes;

    public IReadOnlyList<BrokerNode> Nodes { get; }

    /// <summary>Skips the test where no node can be had, or none can be parted from the others.</summary>
    public static async Task<BrokerCluster> StartAsync(CancellationToken cancellationToken)
    {
        if (await BrokerNode.InstallAsync() is { } missing) Assert.Skip(missing);
        Assert.SkipUnless(Run(["iptables", "-w", "-S", "INPUT"]) == 0, "no iptables that may be used");
        var names = FreePort.Next();
        var cluster = new BrokerCluster([.. Enumerable.Range(1, 3).Select(n =>
            new BrokerNode { Host = $"127.0.0.{n}", NameServerPort = names, Settings = [Minority] })]);
        foreach (var node in cluster.Nodes) await node.StartAsync(cancellationToken);
        foreach (var node in cluster.Nodes.Skip(1)) await node.JoinAsync(cluster.Nodes[0]);
        return cluster;
    }

    /// <summary>No packet goes between a node and the others any more.</summary>
    public void Part(BrokerNode alone)
    {
        foreach (var other in Nodes.Where(node => node != alone))
        {
            Filter(alone.Host, other.Host);
            Filter(other.Host, alone.Host);
        }
    }

    public void Heal()
    {
        foreach (var filter in _filters) Run(["iptables", "-w", "-D", .. filter]);
        _filters.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        Heal();
        foreach (var node in Nodes) await node.DisposeAsync();
    }

    private void Filter(string from, string to)
    {
        string[] filter = ["INPUT", "-i", "lo", "-s", from, "-d", to, "-j", "DROP"];
        Assert.Equal(0, Run(["iptables", "-w", "-I", .. filter]));
        _filters.Add(filter);
    }

    private static int Run(string[] command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("/usr/bin/env", command) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
