using PciBus.Tests.Benchmarks;

if (args is [SwarmProcess.Command, .. var swarm])
{
    await SwarmProcess.RunAsync(swarm);
    return 0;
}

var suites = new Dictionary<string, Func<Task>>
{
    ["throughput"] = async () =>
    {
        await PlacementBenchmark.ThroughputAsync(1);
        await PlacementBenchmark.ThroughputAsync(8);
    },
    ["deployments"] = EmbeddedBenchmark.DeploymentsAsync,
    ["memory"] = EmbeddedBenchmark.IdleMemoryAsync,
    ["devices"] = ReadBenchmark.DevicesAsync,
    ["agent"] = DistributedBenchmark.AgentAsync,
    ["drain"] = DrainBenchmark.PlanAsync,
    ["inventory"] = DistributedBenchmark.InventoryAsync,
    ["distributed"] = DistributedBenchmark.DeploymentsAsync,
    ["agents"] = DistributedBenchmark.AgentsAsync,
    ["flatness"] = FlatnessBenchmark.RunAsync,
};
var names = args.Where(arg => arg != "--once").ToArray();
if (names.Length < args.Length) Figure.Runs = 1;
var chosen = names.Length == 0 ? suites.Keys.ToArray() : names;
foreach (var name in chosen)
{
    if (!suites.TryGetValue(name, out var run))
    {
        await Console.Error.WriteLineAsync($"\"{name}\" is not a benchmark: {string.Join(", ", suites.Keys)}");
        return 1;
    }

    await run();
}

return Environment.ExitCode;
