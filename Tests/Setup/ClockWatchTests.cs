using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using PciBus.Contracts.Startup;
using PciBus.Management.Persistence;
using PciBus.Management.Reconciliation;
using PciBus.Management.Setup;
using PciBus.Management.VirtualMachines;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Setup;

/// <summary>The schedulers of a server whose clock is set while its monotonic clock goes on.</summary>
public sealed class ClockWatchTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    /// <summary>Two intervals of most jobs.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);

    /// <summary>A job with a longer interval waits no longer: without the watch it would wait for hours after a step back.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);
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
        await EachRunsAsync(passes: false);

        _rig.Time.Set(TimeSpan.FromHours(hours));
        await EachRunsAsync(passes: true);
    }

    /// <summary>A dead server has left a message, a restart has failed, and so has a repair, all by the clock of before.</summary>
    [Fact]
    public async Task WhatWasToHappenSoon_HappensSoon_WhenTheClockWasSetBack()
    {
        await _rig.ConnectAsync(Announcements.Host("kvm1", "28:00.1|10GE"));
        var vm = await _rig.CreateVmAsync(_rig.Add(Rows.Offering("10GE")));
        await _rig.DeliverAsync();
        var before = _rig.Time.GetUtcNow();
        _rig.Add(new OutboxMessage
        {
            Destination = "agent.kvm1",
            MessageType = typeof(CheckHealthCommand).FullName!,
            Body = "{}",
            LeaseOwner = "a dead server",
            LeaseUntil = before + OutboxRelay.Lease,
            Created = before,
        });
        using (var database = _rig.Open())
        {
            var row = database.Set<VirtualMachine>().Single();
            (row.RestartAt, row.RepairAt) = (before + TimeSpan.FromMinutes(10), before + TimeSpan.FromMinutes(16));
            await database.SaveChangesAsync(_token);
        }

        _rig.Time.Set(TimeSpan.FromHours(-1));
        var now = _rig.Time.GetUtcNow();
        await Patience.UntilAsync(
            () =>
            {
                _rig.Time.Advance(TimeSpan.FromSeconds(1));
                return _rig.Read(database => !database.Set<OutboxMessage>().Any()) && Due().Restart < before;
            },
            Soon,
            () => $"{_rig.Read(database => database.Set<OutboxMessage>().Count())} messages, {Due()}, now {_rig.Time.GetUtcNow():T}",
            _token,
            "the message was sent, and the restart pulled back");

        Assert.Contains(_rig.Bus.Sent, sent => sent is ("agent.kvm1", CheckHealthCommand));
        Assert.InRange(Due().Restart!.Value, now, _rig.Time.GetUtcNow() + TimeSpan.FromMinutes(10));
        Assert.InRange(Due().Repair!.Value, now, _rig.Time.GetUtcNow() + TimeSpan.FromMinutes(16));

        (DateTimeOffset? Restart, DateTimeOffset? Repair) Due() =>
            _rig.Read(database => database.Set<VirtualMachine>().Where(row => row.Id == vm.Id).AsEnumerable().Select(row => (row.RestartAt, row.RepairAt)).Single());
    }

    /// <summary>
    /// Waits until each job has run, and ended, from now on, within two of its intervals, while time passes: slowly, as more jobs run than
    /// the scheduler has threads. The scheduler that sees a late trigger before the watch does leaves the job to its next interval.
    /// </summary>
    private async Task EachRunsAsync(bool passes)
    {
        var since = _rig.Time.GetUtcNow();
        var jobs = _rig.Get<ReconciliationRunner>().Jobs.ToDictionary(job => job.Name, job => passes ? TwoIntervals(job) : TimeSpan.Zero);
        var end = since + jobs.Values.Max();
        await Patience.UntilAsync(
            () =>
            {
                if (_rig.Time.GetUtcNow() < end) _rig.Time.Advance(Step);
                return Runs().Count(run => run.LastEnd >= run.LastStart && run.LastStart >= since && run.LastStart <= since + jobs[run.Name]) == jobs.Count;
            },
            Soon,
            () => string.Join('\n', Runs().Select(run => $"{run.Name} {run.LastStart:T} {run.LastResult}").Append($"now {_rig.Time.GetUtcNow():T}")),
            _token,
            $"each job has run since {since:T}");
    }

    private static TimeSpan TwoIntervals(ReconciliationJob job) =>
        TimeSpan.FromTicks(Math.Clamp(2 * job.Interval.Ticks, Shortest.Ticks, Longest.Ticks));

    private List<ReconciliationRun> Runs() => _rig.Read(database => database.Set<ReconciliationRun>().ToList());
}
