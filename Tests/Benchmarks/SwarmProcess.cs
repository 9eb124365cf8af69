using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using PciBus.Agent;
using PciBus.Agent.Broker;
using PciBus.Agent.Registration;
using PciBus.Agent.Setup;

namespace PciBus.Tests.Benchmarks;

/// <summary>Many agents in one process: each with its own connection and queue, as if it were alone.</summary>
internal sealed class SwarmProcess(Process process) : IAsyncDisposable
{
    /// <summary>The name of this program's command that is such a process.</summary>
    public const string Command = "swarm";

    public static SwarmProcess Start(string bus, string folder, int first, int end, int devices) => new(Process.Start(
        new ProcessStartInfo(
            Environment.ProcessPath!,
            [Command, bus, folder, .. new[] { first, end, devices }.Select(number => number.ToString(CultureInfo.InvariantCulture))])
        {
            // It lives as long as its standard input.
            RedirectStandardInput = true,
        })!);

    /// <summary>Runs the agents until there is no standard input any more.</summary>
    public static async Task RunAsync(string[] arguments)
    {
        var (bus, folder) = (arguments[0], arguments[1]);
        var numbers = arguments[2..].Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var agents = Enumerable.Range(numbers[0], numbers[1] - numbers[0]).Select(number => RunAgentAsync(bus, folder, number, numbers[2])).ToList();
        var input = Console.OpenStandardInput();
        while (await input.ReadAsync(new byte[1]) > 0)
        {
        }

        Environment.Exit(agents.Any(agent => agent.IsFaulted) ? 1 : 0);
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    private static async Task RunAgentAsync(string bus, string folder, int number, int devices)
    {
        await Task.Yield();
        var own = Directory.CreateDirectory(Path.Combine(folder, $"kvm{number}")).FullName;
        var path = Path.Combine(own, "agent.properties");
        var list = string.Join(',', Enumerable.Range(0, devices).Select(device => $"28:{device / 8:x2}.{device % 8}|10GE"));
        await File.WriteAllLinesAsync(path,
        [
            $"guid=guid-{number}", $"name=kvm{number}", "zone=zone1", "pod=pod1", "cluster=cluster1", "hypervisor.type=simulated", "agent.data.folder=.",
            $"bus.address={bus}", "simulator.cpus=64", "simulator.memory=256GiB", "simulator.start.time=0", "simulator.stop.time=0",
            "agent.properties.poll=60s", $"pci.devices={list}",
        ]);
        var file = AgentPropertiesFile.Open(path, TimeProvider.System);
        using var link = new BrokerLink(file.Properties.Connector!, TimeProvider.System, NullLogger<BrokerLink>.Instance);
        var host = HostSetup.Simulated(file, TimeProvider.System, NullLoggerFactory.Instance);
        await using var node = new AgentNode(file, host, host, link, TimeProvider.System, NullLoggerFactory.Instance);
        await node.StartAsync(default);
        await link.RunAsync(node, default);
    }
}
