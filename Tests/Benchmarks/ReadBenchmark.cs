using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using PciBus.Management.Accounts;
using PciBus.Management.Api;

namespace PciBus.Tests.Benchmarks;

/// <summary>How long a page of devices takes among many.</summary>
internal static class ReadBenchmark
{
    private const int Hosts = 10_000;
    private const int Calls = 50;

    public static async Task DevicesAsync()
    {
        await using var scene = await Scene.CreateAsync(Hosts, 0.5, 0, 1);
        (string Name, (string, string)[] Filter)[] pages =
        [
            ("first page of 500", [("page", "1"), ("pagesize", "500")]),
            ("page 100 of 500", [("page", "100"), ("pagesize", "500")]),
            ("by name, page of 100", [("name", "A"), ("page", "1"), ("pagesize", "100")]),
            ("allocatable, page of 100", [("allocatable", "true"), ("page", "1"), ("pagesize", "100")]),
        ];
        foreach (var (name, filter) in pages)
        {
            await Figure.MedianAsync($"listPciDevices out of {8 * Hosts}, {name}", "ms", async () =>
            {
                var times = new List<double>();
                for (var call = 0; call < Calls; call++)
                {
                    var started = Stopwatch.GetTimestamp();
                    await CallAsync(scene, filter);
                    times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                }

                return Figure.Median(times);
            });
        }
    }

    private static async Task CallAsync(Scene scene, (string Name, string Value)[] parameters)
    {
        var request = ApiRequest.Of(
            [.. parameters.Append(("command", "listPciDevices")).Select(one => KeyValuePair.Create(one.Item1, new StringValues(one.Item2)))], []);
        var result = await scene.Services.GetRequiredService<ApiDispatcher>().DispatchAsync(request, Caller.Admin, default);
        if (result.Status != 200) throw new InvalidOperationException(ApiJson.Write(result));
    }
}
