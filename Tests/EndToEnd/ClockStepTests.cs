using System.Globalization;
using Newtonsoft.Json.Linq;
using PciBus.Management.Setup;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.EndToEnd;

/// <summary>The clock of a server is set while it runs, and its monotonic clock goes on: libfaketime stands between.</summary>
[OutOfProcess]
public sealed class ClockStepTests : IAsyncLifetime
{
    private const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

    /// <summary>Two of the intervals, and the time in which the step is noticed.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);

    /// <summary>Short beside the step of the clock.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMinutes(1);
    private readonly string _folder = Directory.CreateTempSubdirectory("pcibus-clock-").FullName;
    private readonly CancellationToken _token = TestContext.Current.CancellationToken;
    private readonly ManagementProcess _management;
    private TimeSpan _offset;

    public ClockStepTests() => _management = new ManagementProcess(Path.Combine(_folder, "data"));

    private string OffsetFile => Path.Combine(_folder, "offset");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _management.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [OnlyInAll("half a minute of a process under a library that slows it down")]
    [Fact]
    public async Task Every_job_runs_again_within_two_intervals_of_a_step_of_an_hour()
    {
        if (!File.Exists(Library) && DebianPackages.Install("libfaketime") is { } why) Assert.Skip(why);
        SetClock(TimeSpan.Zero);
        _management.Environment.AddRange(
        [
            ("LD_PRELOAD", Library), ("FAKETIME_TIMESTAMP_FILE", OffsetFile), ("FAKETIME_CACHE_DURATION", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
        ]);
        _management.AddHost("kvm1", "guid-1", "28:00.1|10GE");
        foreach (var job in ReconciliationJobs.All)
        {
            _management.Arguments.AddRange(["--setting", $"reconciliation.interval.{job.Name}=1"]);
        }

        await _management.StartAsync(1, _token);
        await EachJobRunsAsync();

        SetClock(-TimeSpan.FromHours(1));
        await EachJobRunsAsync();
        Assert.Contains("The clock of this machine was set back by 3600 s", _management.Output, StringComparison.Ordinal);

        SetClock(TimeSpan.Zero);
        await EachJobRunsAsync();
        Assert.Contains("The clock of this machine was set forward by 3600 s", _management.Output, StringComparison.Ordinal);
        Assert.Single((await _management.Api.CallAsync("listHosts", ("state", "Up")))["host"]!);
    }

    /// <summary>Sets the clock of the server, so far from the clock of this machine.</summary>
    private void SetClock(TimeSpan offset)
    {
        _offset = offset;
        var next = OffsetFile + ".next";
        File.WriteAllText(next, string.Create(CultureInfo.InvariantCulture, $"{offset.TotalSeconds:+0;-0}"));
        File.Move(next, OffsetFile, overwrite: true);
    }

    private async Task EachJobRunsAsync()
    {
        var since = TimeProvider.System.GetUtcNow() + _offset;
        JToken? jobs = null;
        await Patience.UntilAsync(
            async () =>
            {
                jobs = (await _management.Api.CallAsync("listReconciliationJobs"))["reconciliationjob"]!;
                return jobs.All(job => job["laststart"] is { } start && ((DateTimeOffset)start - since).Duration() < Moment);
            },
            Soon,
            () => $"{since:u}: {jobs}\n{_management.LastLines}",
            _token,
            $"each job has run at about {since:u}");
    }
}
