using System.Net.Http.Json;
using PciBus.Agent.Hypervisor.Simulated;
using PciBus.Tests.EndToEnd;

namespace PciBus.Tests.Nemesis;

/// <summary>
/// Guests that keep their devices, attaches and migrations that fail, on all simulated hosts. A plan lives as long as its agent,
/// and is told again and again.
/// </summary>
internal sealed class Troubles(Cluster cluster, Random random, CancellationToken cancellationToken) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    /// <summary>All but the one that never ends without the operator.</summary>
    private static readonly MigrationFault[] Failing =
        [.. Enum.GetValues<MigrationFault>().Where(fault => fault is not (MigrationFault.None or MigrationFault.AbortHangs))];

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(2) };

    public async Task RunAsync(Func<bool> isOver)
    {
        while (!isOver())
        {
            foreach (var control in cluster.Controls) await TellAsync(control, Next());
            await Task.Delay(Interval, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>From now on all guests are willing, and nothing fails.</summary>
    public async Task EndAsync()
    {
        foreach (var control in cluster.Controls)
        {
            await Condition.BecomesTrueAsync(
                () => TellAsync(control, new FaultPlan()), Quiet, () => $"the simulated host at {control} does not hear", cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    private FaultPlan Next() => new()
    {
        Seed = random.Next(),
        UnwillingPercent = 12,
        SlowTime = TimeSpan.FromSeconds(6),
        FailAttaches = random.Next(3) == 0 ? 1 : 0,
        Migrations = [.. Enumerable.Range(0, 3).Select(_ => random.Next(4) == 0 ? Failing[random.Next(Failing.Length)] : MigrationFault.None)],
    };

    private async Task<bool> TellAsync(Uri control, FaultPlan plan)
    {
        try
        {
            using var answer = await _http.PostAsJsonAsync(new Uri(control, "/faults"), plan, cancellationToken);
            answer.EnsureSuccessStatusCode();
            return true;
        }
        catch (Exception e) when (e is HttpRequestException { StatusCode: null } or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // It is dead, or suspended.
            return false;
        }
    }
}
