using PciBus.Tests.Benchmarks;

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
    ["flatness"] = PlacementBenchmark.FlatnessAsync,
};
var chosen = args.Length == 0 ? suites.Keys.ToArray() : args;
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
