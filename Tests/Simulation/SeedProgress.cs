using System.Diagnostics;
using System.Globalization;
using PciBus.Tests.Simulation.Judge;

namespace PciBus.Tests.Simulation;

/// <summary>What a run of seeds has come to, and what it cost.</summary>
internal sealed class SeedProgress
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TimeSpan _used = ProcessorTime();
    private readonly Tally _tally = new();
    private int _last;
    private int _minutes;

    public TimeSpan Elapsed => _clock.Elapsed;

    public int Failed { get; private set; }

    public void Add(SeedResult result)
    {
        _tally.Add(result.Tally);
        _last = Math.Max(_last, result.Seed);
        if (result.Problem is not null) Failed++;
    }

    /// <summary>True once a minute.</summary>
    public bool IsMinuteOver()
    {
        var minutes = (int)Elapsed.TotalMinutes;
        if (minutes == _minutes) return false;
        _minutes = minutes;
        return true;
    }

    public string Line() => string.Create(
        CultureInfo.InvariantCulture, $"{Elapsed.TotalMinutes:f0} min: {_tally.Seeds} seeds, the last {_last}, {Failed} failed");

    /// <summary>The processor time is that of the whole process.</summary>
    public string Summary() => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        {_tally}
        last seed {_last}, {Failed} failed, {Elapsed.TotalSeconds:f0} s of wall time
        {_tally.VirtualTime.TotalHours / (ProcessorTime() - _used).TotalMinutes:f1} simulated hours per minute of processor time
        """);

    private static TimeSpan ProcessorTime()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
