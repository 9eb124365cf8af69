using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using PciBus.Management.Persistence;
using PciBus.Management.Setup;
using PciBus.Management.Upkeep;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Setup;

/// <summary>The schedulers of a server whose clock is set while its monotonic clock goes on.</summary>
public sealed class ClockWatchTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    /// <summary>Two intervals of most jobs, and less than after which a trigger counts as misfired.</summary>
    private static readonly TimeSpan Passing = TimeSpan.FromSeconds(10);
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;
    private readonly ManagementRig _rig = new(replace: services => services
        .AddSingleton<IHostApplicationLifetime, ApplicationLifetime>()
        .AddReconciliationJobs(DatabaseOptions.SqliteFile("none"), new ReconciliationOptions()));

    private List<IHostedService> _services = [];

    public async ValueTask InitializeAsync()
    {
        _services = [.. _rig.Get<IEnumerable<IHostedService>>()];
        foreach (var service in _services) await service.StartAsync(_token);
        ((ApplicationLifetime)_rig.Get<IHostApplicationLifetime>()).NotifyStarted();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in Enumerable.Reverse(_services)) await service.StopAsync(_token).WaitAsync(Patience.Times(Soon), _token);
        _rig.Dispose();
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task EveryJobRunsAgain_WhenTheClockWasSet(int hours)
    {
        await EachRunsAsync(TimeSpan.Zero);

        _rig.Time.Set(TimeSpan.FromHours(hours));
        await EachRunsAsync(Passing);
    }

    /// <summary>Waits until each job has run, and ended, from now on, while time passes second by second.</summary>
    private async Task EachRunsAsync(TimeSpan passing)
    {
        var since = _rig.Time.GetUtcNow();
        await Patience.UntilAsync(
            () =>
            {
                if (_rig.Time.GetUtcNow() < since + passing) _rig.Time.Advance(TimeSpan.FromSeconds(1));
                var ran = Runs().Count(run => run.LastEnd >= run.LastStart && run.LastStart >= since && run.LastStart <= since + passing);
                return ran == _rig.Get<ReconciliationRunner>().Jobs.Count;
            },
            Soon,
            () => string.Join('\n', Runs().Select(run => $"{run.Name} {run.LastStart:T} {run.LastResult}").Append($"now {_rig.Time.GetUtcNow():T}")),
            _token,
            $"each job has run since {since:T}");
    }

    private List<ReconciliationRun> Runs() => _rig.Read(database => database.Set<ReconciliationRun>().ToList());
}
